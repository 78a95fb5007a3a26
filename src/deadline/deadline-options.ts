import { checkFunction, checkKeys, checkNumber, checkOneOf, isNumeric, takes } from '../core/options.js';
import type { CallContext } from '../operator/context.js';
import type { Deadline } from '../operator/deadline.js';

/** What `withDeadline` takes instead of milliseconds. */
export interface DeadlineSettings {
  /** Time allowed from subscription to the end, in milliseconds, at least 0. Default: none of its own. */
  readonly within?: number | undefined;
  /** Part of what remains of the deadline further out, above 0 to 1. Without one further out it sets nothing. */
  readonly share?: number | undefined;
  /** Milliseconds of the deadline further out that are kept back, at least 0. Without one it sets nothing. */
  readonly reserve?: number | undefined;
  /** `cancel` unsubscribes the source; `detach` lets it run on, for a write that should finish. Default `cancel`. */
  readonly onExpire?: 'cancel' | 'detach' | undefined;
  /** By when the time is kept: the call is over, or its first value has come. Default `complete`. */
  readonly until?: 'complete' | 'firstValue' | undefined;
  /** What counts as the first value. Default: every value. */
  readonly isValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
}

/** What `withDeadline` was given; `received` is a deadline that somebody else has set. */
export interface DeadlineSetup extends DeadlineSettings {
  readonly received?: Deadline;
}

/** The part that `update` can change. */
export const allowanceNames: readonly string[] = ['within', 'share', 'reserve'];

export const deadlineSettingNames: readonly string[] = /*#__PURE__*/ allowanceNames.concat('onExpire', 'until', 'isValue');

export function checkAllowance({ within, share, reserve }: DeadlineSettings): void {
  if (within !== undefined) checkNumber('within', within, 0);
  if (share !== undefined) checkNumber('share', share, Number.MIN_VALUE, 1);
  if (reserve !== undefined) checkNumber('reserve', reserve, 0);
}

/** Milliseconds, a deadline, or settings: all three as settings. */
export function readSetting(setting: number | Deadline | DeadlineSettings | undefined): DeadlineSetup {
  if (typeof setting === 'number') return { within: checkNumber('within', setting, 0) };
  if (isDeadline(setting)) return { received: setting };
  if (typeof setting !== 'object' || setting === null) {
    const instead = isNumeric(setting) ? `withDeadline(${Number(setting)})` : 'withDeadline(800) for 800 ms';
    throw takes('milliseconds as a number, a Deadline or settings', setting, instead);
  }
  const settings = checkKeys('options', setting, deadlineSettingNames);
  checkAllowance(settings);
  const { onExpire, until, isValue } = settings;
  if (onExpire !== undefined) checkOneOf('onExpire', onExpire, ['cancel', 'detach']);
  if (until !== undefined) checkOneOf('until', until, ['complete', 'firstValue']);
  if (isValue !== undefined) checkFunction('isValue', isValue);
  return settings;
}

/** By shape: another copy of the library has a class of its own. */
function isDeadline(value: unknown): value is Deadline {
  return typeof (value as Partial<Deadline> | null)?.remaining === 'function';
}
