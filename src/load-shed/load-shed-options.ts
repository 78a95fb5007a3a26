import { checkBoolean, checkFunction, checkOneOf, refusal } from '../core/options.js';
import { type Priority, priorities } from '../core/priority.js';
import type { CallContext } from '../operator/context.js';
import type { PolicyMode, PolicyOptions } from '../operator/policy-types.js';
import type { LoadShedder } from './load-shedder.js';
import type { Shedder } from './shedder.js';

/** Decides anew for each call how much it matters. What it throws ends the call. */
export type PriorityOf = (context: CallContext) => Priority;

/** What `loadShed` takes besides the priority. */
export interface LoadShedOptions extends PolicyOptions {
  /** Shared with other policies of the same resource. Default: that of the process, up to 1,000 calls. */
  readonly shedder?: LoadShedder | undefined;
  /** What counts as a value where latencies are measured, to the first one. Default: every value. What it throws ends the call. */
  readonly isValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
  /** Whether refusals carry a stack trace, which costs more than the refusal. Default false. */
  readonly captureStacks?: boolean | undefined;
}

/** What `update` takes. Whatever is refused changes nothing. */
export interface LoadShedUpdate {
  /** Of the calls that come from now on. */
  readonly priority?: Priority | PriorityOf | undefined;
  /** A change lets everybody in who waits by this policy. */
  readonly mode?: PolicyMode | undefined;
  /** As in the factory. */
  readonly required?: boolean | undefined;
  /** As in the factory. */
  readonly captureStacks?: boolean | undefined;
}

export const loadShedOptionNames: readonly string[] = ['shedder', 'isValue', 'captureStacks'];
export const loadShedUpdateNames: readonly string[] = ['priority', 'captureStacks'];

export function checkPriority(priority: Priority | PriorityOf): void {
  if (typeof priority !== 'function') checkOneOf('priority', priority, priorities);
}

export function checkLoadShedOptions({ captureStacks, isValue, priority }: LoadShedOptions & LoadShedUpdate): void {
  if (captureStacks !== undefined) checkBoolean('captureStacks', captureStacks);
  if (isValue !== undefined) checkFunction('isValue', isValue);
  if (priority !== undefined) checkPriority(priority);
}

export function checkShedder(shedder: LoadShedder): Shedder {
  if (!isShedder(shedder)) throw refusal('shedder', 'made by loadShedder()', shedder);
  return shedder;
}

/** By brand: another copy of the library has a class of its own. */
function isShedder(value: unknown): value is Shedder {
  return (value as { '~shedder'?: unknown } | null)?.['~shedder'] === true;
}
