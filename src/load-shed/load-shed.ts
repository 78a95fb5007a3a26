import type { Priority } from '../core/priority.js';
import { reading } from '../core/options.js';
import { onFirstValue } from '../operator/first-value.js';
import { applied, policyOperator } from '../operator/policy.js';
import { checkPolicyOptions } from '../operator/policy-core.js';
import type { PolicyOperator } from '../operator/policy-types.js';
import { type Stage, stage } from '../operator/stage.js';
import { LoadShedCore } from './load-shed-core.js';
import type { LoadShedEvent, LoadShedMetrics } from './load-shed-events.js';
import {
  checkLoadShedOptions, checkPriority, checkShedder, type LoadShedOptions, loadShedOptionNames, type LoadShedUpdate, type PriorityOf,
} from './load-shed-options.js';
import { defaultShedder, type LoadShedder } from './load-shedder.js';
import type { Shedder } from './shedder.js';

/** What `loadShed` makes: an operator for `.pipe()`. */
export interface LoadShed extends PolicyOperator<LoadShedEvent, LoadShedUpdate, LoadShedMetrics> {
  /** Whose permits its calls need. */
  readonly shedder: LoadShedder;
}

/**
 * Lets the more important calls through when there are too many: a call gets a permit of the shedder, waits for one
 * where that has a queue, or fails with a `LoadShedError` without being made. Its priority is part of the context of
 * everything further in.
 *
 * A call holds its permit until it has ended or its consumer has left. A waiter goes on in the context and the
 * asynchronous scope in which it came; one that leaves frees its place at once; one whose deadline has passed is
 * refused with a `DeadlineExceededError` that never started. Where the limit of the shedder adapts, latency is measured
 * to the first value, of calls that were answered and neither queued, retried nor answered by a fallback further in.
 *
 * In shadow mode what would have been shed is let through and only counted as such; it holds no permit. The priority is
 * set only where it enforces.
 *
 * @param priority how much these calls matter, or a function that says so for each
 * @throws TypeError, RangeError where an argument is out of its range; and a TypeError where two over one shedder are
 * applied in one pipe, which would wait for itself for ever
 *
 * ```ts
 * const shed = loadShed(({ tags }) => (tags?.['crawler'] ? 'sheddable' : 'critical'), { shedder: loadShedder() });
 * const find = (id: string) => attempt(() => api.find(id)).pipe(shed);
 * ```
 */
export function loadShed(priority: Priority | PriorityOf, options: LoadShedOptions = {}): LoadShed {
  const given = reading('loadShed', () => readLoadShed(priority, options));
  const shedder = given.shedder ?? checkShedder(defaultShedder());
  const core = new LoadShedCore(priority, shedder, given);
  return policyOperator(core, applied(loadShedStage(core, given)), {
    shedder: { value: shedder, enumerable: true },
  });
}

/** The options, with a shedder that is known to be one. */
function readLoadShed(priority: Priority | PriorityOf, options: LoadShedOptions): LoadShedOptions & { readonly shedder?: Shedder } {
  checkPriority(priority);
  const { shedder, ...given } = checkPolicyOptions(options, loadShedOptionNames);
  checkLoadShedOptions(given);
  return shedder === undefined ? given : { ...given, shedder: checkShedder(shedder) };
}

function loadShedStage(core: LoadShedCore, { isValue }: LoadShedOptions): Stage {
  const { shedder } = core;
  const { line } = shedder;
  const parts: Partial<Stage> = {
    policy: core,
    key: shedder,
    admit: (call, at) => core.admit(call, at),
    arm: line.capacity === 0 ? undefined : (call, at) => core.arm(call, at),
    settle: (call, at, ending, error) => core.settle(call, at, ending, error),
    line,
    context: (call, at, frame) => core.contribute(call, at, frame),
  };
  if (!shedder.limiter.sampled) return stage(parts);
  const measured = onFirstValue(isValue, (call, at, value) => core.answered(call, at, value));
  return stage({ ...parts, ...measured, seesValues: true });
}
