import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Registry } from 'prom-client';
import { BehaviorSubject, EMPTY, type Observable, of, Subject, throwError } from 'rxjs';
import {
  bulkhead, circuitBreaker, combineHealth, Deadline, fallbackTo, fallbackToLast, healthBoard, healthCheck, lastValues, loadShed,
  loadShedder, perKey, type Policy, policyRegistry, resiliencePipeline, retryBudget, retryWithBackoff, runInContext, vegasLimit, withDeadline,
} from 'rxjs-resilience';
import { openTelemetryMetrics } from 'rxjs-resilience/opentelemetry';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { beforeEach, expect, it, vi } from 'vitest';
import { otel } from '../opentelemetry/collected.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Made = Policy & ((source: Observable<unknown>) => Observable<unknown>);

const failing = throwError(() => ({ status: 503 }));
const run = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });

/** How many of 30 of each sort are still there when nobody has them any more. A few may still be on the stack. */
async function left(sorts: Readonly<Record<string, (n: number) => object>>): Promise<Readonly<Record<string, number>>> {
  const all = Object.entries(sorts).map(([sort, make]) => [sort, Array.from({ length: 30 }, (_, n) => new WeakRef(make(n)))] as const);
  for (let n = 0; n < 3; n++) {
    await new Promise((go) => setImmediate(go));
    collectGarbage();
  }
  const counts = all.map(([sort, refs]) => [sort, refs.filter((one) => one.deref() !== undefined).length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 3));
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

// What lives as long as the process, and has all of them.
const shedder = loadShedder({ limit: vegasLimit() });
const limit$ = new BehaviorSubject(3);
const load$ = new BehaviorSubject(0);
const budget = retryBudget();
const last = lastValues({ maxAge: 60_000 });
const dependency = circuitBreaker({ name: 'dependency' });
const registry = policyRegistry();
const signal = new AbortController().signal;
const deadline = Deadline.after(3_600_000);

const kinds: readonly (readonly [string, (n: number) => unknown])[] = [
  ['circuitBreaker', (n) => circuitBreaker({ name: `${n}`, failureThreshold: 1 })],
  ['retryWithBackoff of a shared budget', (n) => retryWithBackoff({ name: `${n}`, budget, maxRetries: 1, backoff: () => 0 })],
  ['bulkhead', (n) => bulkhead(1, 1, { name: `${n}` })],
  ['bulkhead of a shared limit', (n) => bulkhead(limit$, 1, { name: `${n}` })],
  ['withDeadline', (n) => withDeadline(1_000, { name: `${n}` })],
  ['withDeadline of a shared deadline', (n) => withDeadline(deadline, { name: `${n}` })],
  ['fallbackTo', (n) => fallbackTo(EMPTY, { name: `${n}` })],
  ['fallbackToLast of shared values', (n) => fallbackToLast(last, 'key', { name: `${n}` })],
  ['loadShed of the shedder of the process', (n) => loadShed('critical', { name: `${n}` })],
  ['loadShed of a shared shedder', (n) => loadShed('critical', { name: `${n}`, shedder })],
  ['loadShed of a shedder of its own, with a shared signal', (n) => loadShed('critical', { name: `${n}`, shedder: loadShedder({ signals: [load$] }) })],
];

const uses: readonly (readonly [string, (policy: Made) => void])[] = [
  ['was called', (policy) => (run(policy(of(1))), run(policy(failing)))],
  ['was called in a context with a signal and a deadline', (policy) => runInContext({ signal, deadline }, () => run(withDeadline()(policy(of(1)))))],
  ['had its health looked at', (policy) => policy.health$.subscribe().unsubscribe()],
  ['had its events looked at', (policy) => policy.events$.subscribe().unsubscribe()],
  ['had its events looked at twice at once', (policy) => {
    const [one, other] = [policy.events$.subscribe(), policy.events$.subscribe()];
    one.unsubscribe();
    other.unsubscribe();
  }],
  ['was disposed while somebody listened', (policy) => (policy.events$.subscribe(), policy.health$.subscribe(), policy.dispose())],
  ['stood in a registry', (policy) => {
    registry.register(policy);
    registry.remove(policy.name);
  }],
  ['stood in a combined health', (policy) => combineHealth({ policy, dependency }, { name: 'both' }).subscribe().unsubscribe()],
];

it.each(kinds)('%s is collected, whatever it was used for', async (_, make) => {
  const sorts = uses.map(([use, by]): [string, (n: number) => object] => [
    use,
    (n) => {
      const policy = make(n) as Made;
      by(policy);
      return policy;
    },
  ]);
  expect(await left(Object.fromEntries(sorts))).toStrictEqual({});
});

it('a registry that is listened to lets go of policies that leave', async () => {
  const watched = policyRegistry();
  const register = new Registry();
  const { collect, meter } = otel();
  for (const stream of [watched.events$, watched.health$, watched.policies$, watched.transitions$]) (stream as Observable<unknown>).subscribe();
  prometheusMetrics(watched, { register });
  openTelemetryMetrics(watched, { meter });
  const leaving = (n: number): object => {
    const policy = watched.register(circuitBreaker({ name: `${n}` }));
    run(of(1).pipe(policy));
    if (n % 2 === 0) policy.dispose();
    else watched.remove(`${n}`);
    return policy;
  };
  expect(await left({ leaving })).toStrictEqual({});
  await register.metrics();
  await collect();
});

it('what is made of policies is collected', async () => {
  const stay = await left({
    'a pipeline around a shared breaker': (n) => {
      const pipeline = resiliencePipeline({ name: `${n}`, breaker: dependency, retry: {} });
      run(of(1).pipe(pipeline));
      pipeline.health$.subscribe().unsubscribe();
      pipeline.events$.subscribe().unsubscribe();
      return pipeline;
    },
    perKey: () => {
      const keyed = perKey((key) => resiliencePipeline({ name: key, breaker: {}, shed: 'critical' }));
      run(of(1).pipe(keyed('key')));
      keyed.health$.subscribe().unsubscribe();
      keyed.events$.subscribe().unsubscribe();
      return keyed;
    },
    'a health board over a shared breaker': () => {
      const board = healthBoard({ ready: { dependency }, deep: { dependency, check: healthCheck('db', () => true) } });
      for (const kind of ['ready', 'deep', 'startup', 'live'] as const) board.read(kind).subscribe();
      board.deep$.subscribe().unsubscribe();
      return board;
    },
    'a combined health over a subject': () => {
      const whole = combineHealth({ dependency, other: new Subject<never>() }, { name: 'whole' });
      whole.subscribe().unsubscribe();
      return whole;
    },
  });
  expect(stay).toStrictEqual({});
});

it('a limit does not remember every policy that gave it one sample', () => {
  const limit = vegasLimit() as unknown as { heard: unknown[]; sampler(): { record(latency: number, inFlight: number, now: number): void } };
  for (let n = 0; n < 10_000; n++) limit.sampler().record(5, 1, n);
  expect(limit.heard.length).toBeLessThanOrEqual(1_000);
});
