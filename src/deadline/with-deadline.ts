import type { Observable } from 'rxjs';
import { hasCode } from '../core/guards.js';
import type { DeadlineExceededError } from '../core/deadline-exceeded-error.js';
import { reading } from '../core/options.js';
import type { Call } from '../operator/call.js';
import type { Deadline } from '../operator/deadline.js';
import { onFirstValue } from '../operator/first-value.js';
import { applied, policyOperator } from '../operator/policy.js';
import { checkPolicyOptions, noOptions } from '../operator/policy-core.js';
import type { PolicyOperator, PolicyOptions } from '../operator/policy-types.js';
import { deadlineOrder, type Stage, stage } from '../operator/stage.js';
import { DeadlineCore, type DeadlineUpdate } from './deadline-core.js';
import type { DeadlineEvent, DeadlineMetrics } from './deadline-events.js';
import { type DeadlineSettings, readSetting } from './deadline-options.js';

/** What `withDeadline` makes: an operator for `.pipe()`. */
export type DeadlinePolicy = PolicyOperator<DeadlineEvent, DeadlineUpdate, DeadlineMetrics>;

/**
 * Ends a call that takes too long with a `DeadlineExceededError`: the whole of it, not a gap between two values.
 *
 * What is subscribed inside sees the deadline in its context; of nested ones the earlier counts. A call for which no
 * time is left is refused without being made (`started` false). Expiry unsubscribes the source, breakers further in
 * learn that it was no consumer who left, then downstream gets the error. A consumer that leaves takes the timer along.
 * A timer that fires late because the event loop stood still first lets answers in that have arrived.
 *
 * Without a setting it enforces the deadline and the abort signal of the context (a client that left: `AbortError`).
 * With `share` or `reserve`, and no deadline further out, it lets everything pass.
 *
 * @param setting milliseconds, at least 0; a `Deadline`; or settings
 * @throws TypeError, RangeError where a setting or option is out of its range
 *
 * ```ts
 * attempt(({ signal }) => fetch(url, { signal })).pipe(withDeadline(800))
 * ```
 */
export function withDeadline(setting?: number | Deadline | DeadlineSettings, options?: PolicyOptions): DeadlinePolicy;
export function withDeadline(
  ...given: [setting?: number | Deadline | DeadlineSettings, options?: PolicyOptions]
): DeadlinePolicy {
  // A configuration value that is missing must not turn into "no deadline" in silence.
  const [setting, options = noOptions] = given.length === 0 ? [{}] : given;
  const setup = reading('withDeadline', () => readSetting(setting));
  const core = new DeadlineCore(reading('withDeadline', () => checkPolicyOptions(options, [])), setup);
  const apply = applied(deadlineStage(core, setup));
  const deadline = <T>(source: Observable<T>): Observable<T> => apply(source);
  return policyOperator(core, deadline);
}

/** Whether a call took longer than it was allowed to, also where another error was caused by that. */
export function isDeadlineExceededError(error: unknown): error is DeadlineExceededError {
  return hasCode(error, 'DEADLINE_EXCEEDED');
}

function deadlineStage(core: DeadlineCore, { until, isValue }: DeadlineSettings): Stage {
  const stop = (call: Call, at: number): undefined => core.stop(call, at);
  const toFirst = until === 'firstValue';
  const parts: Partial<Stage> = {
    policy: core,
    order: deadlineOrder,
    separate: core.detaches,
    admit: (call, at) => core.admit(call, at),
    arm: (call, at) => {
      if (!(toFirst && call.hasSeen(at))) core.arm(call, at);
    },
    settle: stop,
    context: (call, at, frame) => core.contribute(call, at, frame),
  };
  return stage(toFirst ? { ...parts, ...onFirstValue(isValue, stop) } : parts);
}
