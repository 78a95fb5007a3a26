import * as fc from 'fast-check';
import { map, merge, type MonoTypeOperatorFunction, type Observable, of } from 'rxjs';
import { expect, it } from 'vitest';
import { constant } from '../../src/core/backoff.js';
import { worstOf } from '../../src/core/health.js';
import {
  bulkhead, circuitBreaker, fallbackTo, fixedLimit, loadShed, loadShedder, type Policy, type PolicyOptions, retryWithBackoff, withDeadline,
} from '../../src/index.js';
import { type PartName, partNames, type PipelineOptions } from '../../src/pipeline/pipeline-options.js';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { schedules } from '../properties/schedule.js';
import { type Played, played } from './played.js';

const runs = Number(process.env['RESILIENCE_RUNS'] ?? 500);

/** A name for each run: so many policies of one name are reported. */
let made = 0;

const instead = (): Observable<string> => of('a', 'b');
const shedderFor = ({ scheduler }: PolicyOptions) => loadShedder({ limit: fixedLimit(3), queue: { size: 2, timeout: 20 }, scheduler });
const breaker = { failureThreshold: 2, breakDuration: 10, successThreshold: 1, hungAfter: 4 };
const retry = { maxRetries: 2, backoff: constant(3), budget: false } as const;
const classify = (error: unknown) => (error === undefined ? ('permanent' as const) : ('transient' as const));

function byPipeline(given: readonly PartName[], common: PolicyOptions): Played {
  const all: PipelineOptions = {
    attemptDeadline: 8,
    bulkhead: { maxConcurrent: 1, queue: { size: 2, timeout: 15 } },
    breaker,
    retry,
    shed: { priority: 'sheddable', shedder: shedderFor(common) },
    deadline: 30,
    fallback: instead,
  };
  const parts = Object.fromEntries(given.map((part) => [part, all[part]]));
  const pipeline = resiliencePipeline({ ...common, name: `run ${made}`, classify, ...parts });
  return {
    operator: pipeline,
    metrics: () => pipeline.metrics(),
    status$: pipeline.health$.pipe(map(({ components }) => worstOf(Object.values(components!).map(({ status }) => status)))),
    events$: pipeline.events$,
  };
}

function byHand(given: readonly PartName[], common: PolicyOptions): Played {
  const options = { ...common, name: `run ${made}` };
  const all: Record<PartName, Policy & MonoTypeOperatorFunction<unknown>> = {
    attemptDeadline: withDeadline(8, { ...options, name: `run ${made}.attempt` }),
    bulkhead: bulkhead(1, { size: 2, timeout: 15 }, options),
    breaker: circuitBreaker({ ...breaker, ...options, classify }),
    retry: retryWithBackoff({ ...retry, ...options, classify }),
    shed: loadShed('sheddable', { shedder: shedderFor(common), ...options }),
    deadline: withDeadline(30, options),
    fallback: fallbackTo(instead, { ...options, classify }) as Policy & MonoTypeOperatorFunction<unknown>,
  };
  const policies = given.map((part) => [part, all[part]] as const);
  return {
    operator: (source) => policies.reduce((piped, [, policy]) => piped.pipe(policy), source),
    metrics: () => Object.fromEntries(policies.map(([part, policy]) => [part, policy.metrics()])),
    status$: merge(...policies.map(([, { health$ }]) => health$)).pipe(map(({ status }) => status)),
    events$: merge(...policies.map(([, { events$ }]) => events$)),
  };
}

it('behaves as its parts do where they are piped by hand', () => {
  const chosen = fc.subarray([...partNames]);
  fc.assert(
    fc.property(chosen, schedules(1, () => false), (given, schedule) => {
      made++;
      const bare = (log: readonly string[]): readonly string[] => log.filter((line) => !/^[\d.]+ is /.test(line));
      const [whole, parts] = [byPipeline, byHand].map((make) => bare(played(schedule, (common) => make(given, common))));
      expect(whole).toStrictEqual(parts);
    }),
    { numRuns: runs },
  );
});

it('tells its health in step with that of its parts', () => {
  fc.assert(
    fc.property(schedules(1, () => false), (schedule) => {
      made++;
      let parts: (() => string) | undefined;
      const disagreed: string[] = [];
      played({ ...schedule, observed: true }, (common) => {
        const options = { ...common, name: `run ${made}` };
        const pipeline = resiliencePipeline({ ...options, breaker, bulkhead: 1, fallback: instead });
        parts = () => worstOf(Object.values(pipeline.parts).map((part) => statusOf(part)));
        let last = '';
        pipeline.health$.subscribe(({ status }) => (last = status));
        const metrics = (): unknown => {
          if (last !== parts!()) disagreed.push(`${last}, and not ${parts!()}`);
          return {};
        };
        return { operator: pipeline, metrics, status$: of(), events$: pipeline.events$ };
      });
      expect(disagreed).toStrictEqual([]);
    }),
    { numRuns: runs },
  );
});

it('leaves no permit behind, whatever happens', () => {
  fc.assert(
    fc.property(schedules(1, () => false), (schedule) => {
      made++;
      let held: (() => object) | undefined;
      played(schedule, (common) => {
        const whole = byPipeline(partNames, common);
        held = () => Object.assign({}, ...Object.values(whole.metrics() as object)) as object;
        return whole;
      });
      expect(held!()).toMatchObject({ active: 0, queued: 0, inFlight: 0 });
    }),
    { numRuns: runs },
  );
});

function statusOf({ health$ }: Policy): 'up' | 'degraded' | 'down' | 'unknown' {
  let status: 'up' | 'degraded' | 'down' | 'unknown' = 'unknown';
  health$.subscribe((health) => (status = health.status)).unsubscribe();
  return status;
}
