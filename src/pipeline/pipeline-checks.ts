import { checkFunction, named } from '../core/options.js';
import type { TripRule, TripState } from '../core/trip-state.js';
import { coreOf } from '../operator/policy.js';
import { checkPolicyOptions } from '../operator/policy-core.js';
import type { Part } from './make-parts.js';
import { commonNames, type PartName, partNames, type PipelineCommon, type PipelineOptions } from './pipeline-options.js';

/** What a ready policy says of itself. Its core may be that of another copy of the library, and say nothing. */
interface Readable {
  readonly within?: unknown;
  readonly setup?: { readonly trip?: TripRule };
}

/** More outcomes than this no window that ages is asked for. */
const most = 10_000;

export function checkPipelineOptions<O extends PipelineCommon>(options: O, own: readonly string[] = partNames): O {
  const given = checkPolicyOptions(options, [...commonNames, ...own]);
  const { classify, isValue } = given;
  if (classify !== undefined) checkFunction('classify', classify);
  if (isValue !== undefined) checkFunction('isValue', isValue);
  return given;
}

/** Refuses parts that cannot work together, naming both settings. */
export function checkTogether(parts: readonly Part[], { required }: PipelineOptions): void {
  const find = (option: PartName): Part | undefined => parts.find((part) => part.option === option);
  const [attempt, whole, breaker] = [find('attemptDeadline'), find('deadline'), find('breaker')];
  if (required !== undefined && breaker?.own === false) {
    throw new TypeError(`${named('required')} is that of the breaker, and the breaker that was given has its own: set it there`);
  }
  if (attempt === undefined) return;
  if (attempt.policy === whole?.policy) throw new TypeError(`${named('attemptDeadline')} and deadline must be two policies, got the same one twice`);
  const each = withinOf(attempt);
  const all = whole && withinOf(whole);
  if (each !== undefined && all !== undefined && each >= all) {
    throw new RangeError(
      `${named('attemptDeadline')} must be less than deadline (${all}), got ${each}: the time of the whole operation would be over with that of its first try`,
    );
  }
  if (each !== undefined && breaker !== undefined) checkWindow(breaker, each);
}

/**
 * Two tries that hang are counted one `attemptDeadline` apart at the least, and a window shorter than two of them can
 * hold so little that it never sees a dependency which is down. A rule beside it that does not forget makes up for that.
 */
function checkWindow(breaker: Part, attempt: number): void {
  const rule = readable(breaker)?.setup?.trip;
  if (typeof rule?.start !== 'function' || remembers(rule.start(undefined), 2 * attempt)) return;
  throw new RangeError(
    `${named('breaker.trip')} must have a time window of at least two attempts (2 * attemptDeadline = ${2 * attempt}), got a shorter one: ` +
      'it would have forgotten the one before when a try runs into its deadline',
  );
}

/** Whether a rule that has seen enough still says so right before `time`: asked of a state of its own, in which nothing else is. */
function remembers(state: TripState, time: number): boolean {
  if (!state.timed) return true;
  for (let count = 0; count < most; count++) {
    state.record(true, Infinity, 0);
    if (state.trips(0)) return state.trips(time * (1 - 1e-9));
  }
  // It wants more than failures at one moment.
  return true;
}

function withinOf(part: Part): number | undefined {
  const within = readable(part)?.within;
  return typeof within === 'number' ? within : undefined;
}

function readable({ policy }: Part): Readable | undefined {
  return coreOf(policy) as unknown as Readable | undefined;
}
