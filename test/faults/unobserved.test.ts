import { concat, defer, NEVER, type Observable, of, type SchedulerLike, Subject, throwError, VirtualTimeScheduler } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bulkhead, circuitBreaker, constant, fallbackTo, fixedLimit, loadShed, loadShedder, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import type { ConcurrencyLimit } from '../../src/core/concurrency-limit.js';
import { PolicyCore } from '../../src/operator/policy-core.js';

interface Observed {
  readonly events$: Observable<{ readonly type: string }>;
}
interface World {
  readonly scheduler: SchedulerLike;
  readonly advance: (ms: number) => void;
  /** Listens to it, where anybody does. */
  readonly made: <P extends Observed>(policy: P) => P;
}

const down = throwError(() => ({ status: 503 }));
const run = (source: Observable<unknown>) => source.subscribe({ error: () => undefined });

/** Everything that a policy can tell, once or more. */
const lives: readonly (readonly [kind: string, life: (world: World) => void, told: readonly string[]])[] = [
  [
    'bulkhead',
    ({ scheduler, advance, made }) => {
      const pool = made(bulkhead(1, { size: 1, timeout: 5 }, { scheduler }));
      const first = run(NEVER.pipe(pool));
      run(NEVER.pipe(pool));
      run(NEVER.pipe(pool));
      advance(5);
      run(NEVER.pipe(pool)).unsubscribe();
      run(NEVER.pipe(pool));
      first.unsubscribe();
      pool.reset();
    },
    ['started', 'queued', 'refused', 'refused', 'queued', 'left', 'queued', 'started', 'reset'],
  ],
  [
    'bulkhead whose waiters have deadlines',
    ({ scheduler, advance, made }) => {
      const pool = made(bulkhead(1, 5, { scheduler }));
      const first = run(NEVER.pipe(pool));
      run(NEVER.pipe(pool, withDeadline(5, { scheduler })));
      advance(5);
      run(NEVER.pipe(pool));
      pool.update({ mode: 'shadow' });
      first.unsubscribe();
    },
    ['started', 'queued', 'left', 'queued', 'started'],
  ],
  [
    'circuitBreaker',
    ({ scheduler, advance, made }) => {
      const circuit = made(circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 1, scheduler }));
      run(of(1).pipe(circuit));
      run(throwError(() => new TypeError('x')).pipe(circuit));
      run(NEVER.pipe(circuit)).unsubscribe();
      run(down.pipe(circuit));
      run(of(1).pipe(circuit));
      advance(10);
      run(of(1).pipe(circuit));
      const late = run(NEVER.pipe(circuit));
      circuit.isolate().release();
      late.unsubscribe();
      circuit.reset();
    },
    [
      'succeeded', 'ignored', 'abandoned', 'failed', 'opened', 'refused', 'halfOpened', 'succeeded', 'closed',
      'isolated', 'released', 'closed', 'late', 'reset',
    ],
  ],
  [
    'retry',
    ({ scheduler, advance, made }) => {
      const retry = made(retryWithBackoff(constant(1), { maxRetries: 1, scheduler }));
      let tries = 0;
      run(defer(() => (tries++ === 0 ? down : of(1))).pipe(retry));
      advance(1);
      run(down.pipe(retry));
      advance(1);
      retry.reset();
    },
    ['scheduled', 'recovered', 'scheduled', 'exhausted', 'reset'],
  ],
  [
    'deadline',
    ({ scheduler, advance, made }) => {
      const deadline = made(withDeadline({ within: 5, onExpire: 'detach' }, { scheduler }));
      const write = new Subject<void>();
      run(write.pipe(deadline));
      advance(5);
      write.complete();
      deadline.update({ within: 0 });
      run(of(1).pipe(deadline));
      deadline.reset();
    },
    ['expired', 'detachedEnd', 'expired', 'reset'],
  ],
  [
    'fallback',
    ({ scheduler, made }) => {
      const fallback = made(fallbackTo(() => concat(of(1), down), { scheduler }));
      run(down.pipe(fallback));
      fallback.reset();
    },
    ['used', 'failed', 'reset'],
  ],
  [
    'loadShed',
    ({ scheduler, advance, made }) => {
      const load = new Subject<number>();
      const shedder = loadShedder({ limit: fixedLimit(1), queue: { size: 1, timeout: 5 }, signals: [load], scheduler });
      const shed = made(loadShed('sheddable', { shedder, scheduler }));
      const first = run(NEVER.pipe(shed));
      run(NEVER.pipe(shed));
      run(NEVER.pipe(shed));
      advance(5);
      run(NEVER.pipe(shed));
      first.unsubscribe();
      load.next(1);
      run(NEVER.pipe(shed));
      shed.reset();
    },
    ['admitted', 'shed', 'shed', 'admitted', 'shed', 'reset'],
  ],
  [
    'loadShed by a limit that moves',
    ({ scheduler, made }) => {
      const limit = { limit: 5, sampled: true, sampler: () => ({ record: () => void (limit.limit = 6), dropped: () => undefined }) };
      const shed = made(loadShed('critical', { shedder: loadShedder({ limit: limit satisfies ConcurrencyLimit, scheduler }), scheduler }));
      run(of(1).pipe(shed));
    },
    ['admitted', 'limitChanged'],
  ],
];

function live(life: (world: World) => void, listening: boolean): readonly string[] {
  const scheduler = new VirtualTimeScheduler();
  const told: string[] = [];
  life({
    scheduler,
    advance: (ms) => {
      scheduler.maxFrames = scheduler.frame + ms;
      scheduler.schedule(() => undefined, ms);
      scheduler.flush();
    },
    made: (policy) => {
      if (listening) policy.events$.subscribe(({ type }) => told.push(type));
      return policy;
    },
  });
  return told;
}

describe.each(lives)('a policy of kind %s', (_kind, life, told) => {
  afterEach(() => vi.restoreAllMocks());

  it('tells whoever listens', () => {
    expect(live(life, true)).toStrictEqual(told);
  });

  it('builds no event while nobody listens', () => {
    const tell = vi.spyOn(PolicyCore.prototype, 'tell');
    live(life, false);
    expect(tell).not.toHaveBeenCalled();
    live(life, true);
    expect(tell).toHaveBeenCalled();
  });
});
