import { checkFunction, checkKeys, checkNumber, checkOneOf } from '../core/options.js';
import type { CallContext } from '../operator/context.js';
import { Deadline } from '../operator/deadline.js';

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

/** The part that `update` can change; `received` is a deadline that somebody else has set. */
export interface Allowance {
  readonly received: Deadline | undefined;
  readonly within: number | undefined;
  readonly share: number | undefined;
  readonly reserve: number | undefined;
}

export const allowanceNames: readonly string[] = ['within', 'share', 'reserve'];

export function checkAllowance({ within, share, reserve }: DeadlineSettings): void {
  if (within !== undefined) checkNumber('within', within, 0);
  if (share !== undefined) checkNumber('share', share, Number.MIN_VALUE, 1);
  if (reserve !== undefined) checkNumber('reserve', reserve, 0);
}

/** Milliseconds, a deadline, or settings; all three as settings and an allowance. */
export function readSetting(setting: number | Deadline | DeadlineSettings): [DeadlineSettings, Allowance] {
  if (typeof setting === 'number') return readSettings({ within: setting });
  if (isDeadline(setting)) {
    return [{}, { received: setting, within: undefined, share: undefined, reserve: undefined }];
  }
  checkKeys('withDeadline', setting, [...allowanceNames, 'onExpire', 'until', 'isValue']);
  return readSettings(setting);
}

function readSettings(settings: DeadlineSettings): [DeadlineSettings, Allowance] {
  const { within, share, reserve, onExpire, until, isValue } = settings;
  checkAllowance(settings);
  if (onExpire !== undefined) checkOneOf('onExpire', onExpire, ['cancel', 'detach']);
  if (until !== undefined) checkOneOf('until', until, ['complete', 'firstValue']);
  if (isValue !== undefined) checkFunction('isValue', isValue);
  return [settings, { received: undefined, within, share, reserve }];
}

/** By shape: another copy of the library has a class of its own. */
function isDeadline(value: unknown): value is Deadline {
  return value instanceof Deadline || typeof (value as Partial<Deadline> | null)?.remaining === 'function';
}
