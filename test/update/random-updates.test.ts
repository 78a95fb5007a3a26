import * as fc from 'fast-check';
import { concat, defer, map, merge, NEVER, type Observable, of, skip, Subject, takeUntil, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  anyOf, bulkhead, circuitBreaker, constant, consecutiveFailures, Deadline, failureCount, failureRate, fallbackToValue, fixedLimit, loadShed,
  loadShedder, retryBudget, retryWithBackoff, runInContext, slowCallRate, tokenBudget, withDeadline,
} from 'rxjs-resilience';
import { runs } from '../properties/models/runs.js';
import { virtual } from '../virtual.js';
import type { Rehearsed } from './rehearsal.js';

type Options = Readonly<Record<string, unknown>>;

const name = fc.constantFrom;
const mode = name('enforce', 'enforce', 'shadow', 'disabled');
const common = { mode, required: fc.boolean() };
/** Some of the options, a few of them wrong. */
const some = (options: Readonly<Record<string, fc.Arbitrary<unknown>>>, wrong: Options): fc.Arbitrary<Options> =>
  fc.tuple(fc.record({ ...options, ...common }, { requiredKeys: [] }), fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant(wrong) }))
    .map(([good, bad]) => ({ ...good, ...bad }));

const window = fc.oneof(fc.record({ calls: fc.integer({ min: 4, max: 9 }) }), fc.record({ time: fc.integer({ min: 5, max: 50 }) }));
const leaf = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((failures) => consecutiveFailures(failures, { over: failures % 2 })),
  fc.tuple(window, fc.integer({ min: 1, max: 4 })).map(([window, failures]) => failureCount({ window, failures })),
  window.map((window) => failureRate({ window, threshold: 0.5, minimumCalls: 2 })),
  window.map((window) => slowCallRate({ window, threshold: 0.5, minimumCalls: 2, slowerThan: 4 })),
);
const trip = fc.oneof(leaf, fc.array(leaf, { minLength: 1, maxLength: 3 }).map((rules) => anyOf(...rules)));

const updates: Readonly<Record<string, fc.Arbitrary<Options>>> = {
  breaker: some({
    trip, breakDuration: fc.nat(20), successThreshold: fc.integer({ min: 1, max: 3 }), maxProbes: fc.integer({ min: 1, max: 3 }),
    probeTimeout: name(0, 3, 20, Infinity), hungAfter: fc.nat(9), settleOn: name('complete', 'firstValue'),
  }, { maxProbes: 0 }),
  pool: some({
    maxConcurrent: fc.oneof(fc.integer({ min: 1, max: 4 }), name(of(2), NEVER)),
    queue: fc.oneof(fc.nat(3), fc.record({ size: fc.nat(3), timeout: name(0, 3, 10), order: name('fifo', 'lifo', 'adaptive-lifo', 'priority') })),
  }, { queue: -1 }),
  retry: some({
    backoff: fc.nat(5).map((ms) => constant(ms)), maxRetries: fc.nat(3), exhausted: name('rethrow', 'wrap'), afterValue: name('resubscribe', 'fail'),
    budget: name(false, retryBudget(), tokenBudget({ maxTokens: 3, tokenRatio: 0.5 })),
  }, { maxRetries: -1 }),
  shed: some({ priority: name('criticalPlus', 'critical', 'sheddablePlus', 'sheddable') }, { priority: 'urgent' }),
  deadline: some({ within: name(1, 5, 30), share: name(0.5, 1), reserve: fc.nat(3) }, { share: 0 }),
  fallback: some({ when: name(() => true, () => false) }, { when: 5 }),
};
const names = Object.keys(updates);

type Step =
  | { readonly does: 'call'; readonly takes: number; readonly how: 'answers' | 'fails' | 'hangs' | 'answers, then hangs'; readonly deadline: number | undefined }
  | { readonly does: 'leave'; readonly which: number }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'update'; readonly of: string; readonly options: Options };

type Update = Extract<Step, { does: 'update' }>;

const update: fc.Arbitrary<Update> = fc.oneof(
  ...names.map((of) => fc.record({ does: fc.constant('update' as const), of: fc.constant(of), options: updates[of]! })),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({
    does: fc.constant('call' as const), takes: fc.nat(6), how: name('answers', 'fails', 'fails', 'hangs', 'answers, then hangs'),
    deadline: fc.option(fc.nat(12), { nil: undefined, freq: 4 }),
  }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('leave' as const), which: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.nat(8) }) },
  { weight: 5, arbitrary: update },
) as fc.Arbitrary<Step>;

/** Not counters: what is now, or is worked out from others. */
const present = ['active', 'queued', 'limit', 'capacity', 'inFlight', 'budgetLeft', 'rate', 'meanWait', 'rejectionRatio'];

function counters(policy: Rehearsed): readonly (readonly [string, number])[] {
  return Object.entries(policy.metrics())
    .flatMap(([name, value]) => (typeof value === 'object' ? Object.entries(value as object) : [[name, value]]) as [string, number][])
    .filter(([name]) => !present.includes(name));
}

let made = 0;

class Play {
  private readonly time = virtual();
  private readonly scheduler = this.time.scheduler;
  private readonly common = { scheduler: this.scheduler, random: () => 0.5, name: `updated ${made++}` };
  private readonly shedder = loadShedder({ limit: fixedLimit(3), queue: { size: 2, timeout: 10 }, scheduler: this.scheduler });
  readonly breaker = circuitBreaker({ ...this.common, breakDuration: 10 });
  readonly pool = bulkhead(2, 2, this.common);
  readonly policies: Readonly<Record<string, Rehearsed>> = {
    breaker: this.breaker,
    pool: this.pool,
    retry: retryWithBackoff(constant(2), this.common),
    shed: loadShed('critical', { ...this.common, shedder: this.shedder }),
    deadline: withDeadline({ within: 20 }, this.common),
    fallback: fallbackToValue('instead', this.common) as Rehearsed,
  };
  private readonly end = new Subject<void>();
  private readonly calls: { leave: () => void; ends: number; left: boolean }[] = [];
  private pending: Update[] = [];
  private modes: Record<string, string> = Object.fromEntries(names.map((name) => [name, 'enforce']));

  constructor(
    private readonly order: readonly string[],
    /** Updates made by listeners, one at each event; undefined where nobody listens. */
    private readonly listeners: readonly Update[] | undefined,
  ) {
    if (listeners === undefined) return;
    this.pending = [...listeners];
    const next = (): void => {
      const update = this.pending.shift();
      if (update !== undefined) this.update(update.of, update.options);
    };
    merge(...names.map((name) => this.policies[name]!.events$)).subscribe(next);
    merge(this.breaker.state$.pipe(skip(1)), this.pool.health$.pipe(skip(1))).subscribe(next);
  }

  play(steps: readonly Step[]): void {
    let before = this.counted();
    for (const step of steps) {
      this.step(step);
      const now = this.counted();
      expect(now.filter(([, value], at) => value < before[at]![1])).toStrictEqual([]);
      expect(names.map((name) => this.policies[name]!.mode)).toStrictEqual(names.map((name) => this.modes[name]));
      before = now;
    }
    this.finish();
  }

  private counted(): readonly (readonly [string, number])[] {
    return names.flatMap((name) => counters(this.policies[name]!));
  }

  private step(step: Step): void {
    if (step.does === 'wait') this.time.advance(step.ms);
    else if (step.does === 'leave') this.leave(step.which);
    else if (step.does === 'update') this.update(step.of, step.options);
    else this.call(this.source(step.takes, step.how), step.deadline);
  }

  private leave(which: number): void {
    const call = this.calls[which];
    if (call === undefined || call.ends > 0) return;
    call.left = true;
    call.leave();
  }

  private update(of: string, options: Options): void {
    const policy = this.policies[of]!;
    const before = this.modes[of]!;
    // A listener may make another update, and that is the last one then.
    this.modes[of] = (options['mode'] as string | undefined) ?? before;
    try {
      policy.update(options as never);
    } catch (error) {
      this.modes[of] = before;
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    }
  }

  private source(takes: number, how: string): Observable<unknown> {
    const answer = timer(takes, this.scheduler).pipe(map(() => 'answer'));
    const hang = NEVER.pipe(takeUntil(this.end));
    if (how === 'hangs') return hang;
    if (how === 'answers, then hangs') return concat(answer, hang);
    return how === 'answers' ? answer : concat(timer(takes, this.scheduler).pipe(map(() => 'value')), throwError(() => new Error('down')));
  }

  call(source: Observable<unknown>, deadline?: number): void {
    const call = { leave: () => undefined as void, ends: 0, left: false };
    this.calls.push(call);
    const ends = (): void => void call.ends++;
    const piped = this.order.reduce((inner, name) => this.policies[name]!(inner), source);
    const context = deadline === undefined ? {} : { deadline: Deadline.after(deadline, this.scheduler) };
    const subscription = runInContext(context, () => defer(() => piped).subscribe({ error: ends, complete: ends }));
    call.leave = () => subscription.unsubscribe();
  }

  /** Nobody leaves any more, and what hangs comes to its end: everything has to. */
  private finish(): void {
    for (let i = 0; i < 30; i++) {
      this.end.next();
      this.time.advance(100);
    }
    expect(this.calls.map(({ ends, left }) => (left ? 1 : ends))).toStrictEqual(this.calls.map(() => 1));
    expect([this.pool.active, this.pool.queued, this.shedder.inFlight, this.shedder.queued]).toStrictEqual([0, 0, 0, 0]);
    const { calls, failures, ignored, abandoned, late, refused, successes } = this.breaker.metrics();
    expect(successes + failures + ignored + abandoned + late + refused).toBe(calls);
    // A timer of the breaker serves those who observe it.
    if (this.listeners === undefined) expect(this.scheduler.actions).toHaveLength(0);
    this.permits();
  }

  /** As many permits as there should be, neither more nor fewer. */
  private permits(): void {
    this.pending = [];
    this.pool.update({ mode: 'enforce', maxConcurrent: 2, queue: 1 });
    const running = [1, 2, 3].map(() => NEVER.pipe(this.pool).subscribe());
    expect([this.pool.active, this.pool.queued]).toStrictEqual([2, 1]);
    for (const call of running) call.unsubscribe();
    expect([this.pool.active, this.pool.queued]).toStrictEqual([0, 0]);
  }
}

const usual = ['deadline', 'pool', 'breaker', 'retry', 'shed', 'fallback'];

describe('updates among calls', () => {
  const alone = names.map((name): readonly [string, readonly string[]] => [name, [name]]);
  it.each<readonly [string, readonly string[]]>([['all six in their order', usual], ...alone])(
    'lose nothing, count nothing twice and leave nobody waiting: %s',
    (_title, order) => {
      const relevant = step.filter((one) => one.does !== 'update' || order.includes(one.of));
      fc.assert(
        fc.property(fc.array(relevant, { minLength: 5, maxLength: 40 }), fc.option(fc.array(update), { nil: undefined }), (steps, listeners) =>
          new Play(order, listeners).play(steps),
        ),
        runs(order.length > 1 ? 300 : 150),
      );
    },
  );

  it('lose nothing in any other order either', () => {
    const orders = fc.shuffledSubarray(usual, { minLength: 2 });
    fc.assert(
      fc.property(orders, fc.array(step, { minLength: 5, maxLength: 40 }), fc.array(update), (order, steps, listeners) =>
        new Play(order, listeners).play(steps),
      ),
      runs(200),
    );
  });
});
