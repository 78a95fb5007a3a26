import * as fc from 'fast-check';
import { defer, EMPTY, type Subscription, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { constant } from '../../../src/core/backoff.js';
import { retryBudget } from '../../../src/core/retry-budget.js';
import { type RetryPolicy, retryWithBackoff } from '../../../src/retry/retry-with-backoff.js';
import { type BudgetSettings, ModelBudget } from './budget-model.js';
import { type ModelPolicy, ModelRetries, type Tries } from './retry-model.js';
import { runs } from './runs.js';

const tries = fc.array(fc.constantFrom('fail' as const, 'fail' as const, 'fail' as const, 'ok' as const, 'permanent' as const), { minLength: 1, maxLength: 5 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('call' as const), policy: fc.nat(2), tries }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 3_000 })) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), call: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), back: fc.integer({ min: 1, max: 100_000 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const settings: fc.Arbitrary<BudgetSettings> = fc.record({
  ratio: fc.constantFrom(0, 0.2, 0.5),
  minPerSecond: fc.constantFrom(0, 1, 100),
  burst: fc.constantFrom(0, 1, 3),
  window: fc.constantFrom(50, 1_000),
});
const policies = fc.array(fc.record({ maxRetries: fc.nat(4), delay: fc.constantFrom(0, 0, 3, 7) }), { minLength: 3, maxLength: 3 });

/** A test scheduler whose clock is put back now and then: what its timers wait for does not change. */
class Clocked extends TestScheduler {
  behind = 0;

  override now = (): number => this.frame - this.behind;
}

let made = 0;

function play(steps: readonly Step[], settings: BudgetSettings, kinds: readonly ModelPolicy[]): void {
  const scheduler = new Clocked(() => undefined);
  const log: string[] = [];
  const budget = retryBudget(settings);
  made++;
  // Made when it is first used: the clock may have been put back by then.
  const policies: RetryPolicy[] = [];
  const policyOf = (at: number): RetryPolicy => {
    const { delay, maxRetries } = kinds[at]!;
    if (policies[at] === undefined) expected.started(model.now);
    return (policies[at] ??= retryWithBackoff(constant(delay), { maxRetries, budget, scheduler, random: () => 0, name: `retry ${made}` }));
  };
  const expected = new ModelBudget(settings);
  const model = new ModelRetries(kinds, expected);
  const calls: Subscription[] = [];

  const call = (policy: number, tries: Tries): void => {
    const id = calls.length;
    let attempt = 0;
    const source = defer(() => {
      const outcome = tries[Math.min(attempt++, tries.length - 1)];
      log.push(`${scheduler.frame} try ${attempt} of ${id}`);
      return outcome === 'ok' ? EMPTY : throwError(() => (outcome === 'fail' ? new Error('down') : { status: 404 }));
    });
    calls.push(
      source.pipe(policyOf(policy)).subscribe({
        error: () => log.push(`${id} fails`),
        complete: () => log.push(`${id} completes`),
      }),
    );
    model.call(policy, tries);
  };

  for (const taken of steps) {
    if (taken.do === 'call') {
      call(taken.policy, taken.tries);
    } else if (taken.do === 'leave') {
      calls[taken.call]?.unsubscribe();
      model.leave(taken.call);
    } else if (taken.do === 'clock') {
      scheduler.behind += taken.back;
    } else {
      scheduler.schedule(() => undefined, taken.by);
      scheduler.maxFrames = scheduler.frame + taken.by;
      scheduler.flush();
      model.pass(taken.by);
    }
    expect(log).toStrictEqual(model.log);
    policies.forEach((policy, at) => {
      const { attempts, budget, ...counts } = model.counts[at]!;
      const budgetLeft = expected.left(model.now);
      const none = { deadline: 0, strategy: 0, retryAfter: 0 };
      expect(policy.metrics()).toStrictEqual({ ...counts, exhausted: { attempts, budget, ...none }, budgetLeft });
      let status: string | undefined;
      policy.health$.subscribe((health) => (status = health.status)).unsubscribe();
      expect(status).toBe(budgetLeft < 1 ? 'degraded' : 'up');
    });
  }
}

describe('retries that share a budget', () => {
  it('try again what the budget and their own limits let, at their times, whatever the calls and the clock', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 40, size: 'max' }), settings, policies, play), runs(500));
  });
});
