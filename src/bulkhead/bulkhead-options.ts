import { isObservable, type Observable } from 'rxjs';
import { checkBoolean, checkInteger, checkOneOf, isNumeric, refusal } from '../core/options.js';
import type { QueueOrder } from '../core/permit-queue.js';
import type { PolicyMode, PolicyOptions } from '../operator/policy-types.js';
import { type QueueSetup, readQueue } from '../operator/waiting-line.js';

/** Calls that wait for a permit. */
export interface BulkheadQueue {
  /** Calls that may wait, at least 0. */
  readonly size: number;
  /** Milliseconds that a call may wait for, at least 0; `Infinity`: as long as it takes. Default 30,000. */
  readonly timeout?: number | undefined;
  /**
   * Who is next. `fifo`: the oldest. `lifo`: the newest. `adaptive-lifo`: the newest while the queue is over half
   * full, else the oldest, so that an overload leaves some of them answered in time (B. Maurer, "Fail at Scale", 2015).
   * `priority`: the most important by the context, of equal ones the oldest. Default `fifo`.
   */
  readonly order?: QueueOrder | undefined;
}

/** What `bulkhead` takes besides its limit and its queue. */
export interface BulkheadOptions extends PolicyOptions {
  /** Whether refusals carry a stack trace, which costs more than the refusal. Default false. */
  readonly captureStacks?: boolean | undefined;
}

/** What `update` takes. Whatever is refused changes nothing. */
export interface BulkheadUpdate {
  /** As in the factory. An observable is subscribed at once where there were calls; until its first value the present limit holds. */
  readonly maxConcurrent?: number | Observable<number> | undefined;
  /** As in the factory, as a whole. Those who wait stay, also beyond a smaller size, with the timeout they came with. */
  readonly queue?: number | BulkheadQueue | undefined;
  /** A change lets everybody in who waits. */
  readonly mode?: PolicyMode | undefined;
  /** As in the factory. */
  readonly required?: boolean | undefined;
  /** As in the factory. */
  readonly captureStacks?: boolean | undefined;
}

export const bulkheadOptionNames: readonly string[] = ['captureStacks'];
export const bulkheadUpdateNames: readonly string[] = ['captureStacks', 'maxConcurrent', 'queue'];

const orders: readonly QueueOrder[] = ['fifo', 'lifo', 'adaptive-lifo', 'priority'];

/** Whatever may be changed later. */
export function checkBulkheadOptions({ captureStacks, maxConcurrent }: Pick<BulkheadUpdate, 'captureStacks' | 'maxConcurrent'>): void {
  if (captureStacks !== undefined) checkBoolean('captureStacks', captureStacks);
  if (maxConcurrent !== undefined) checkMaxConcurrent(maxConcurrent);
}

export function checkMaxConcurrent(value: number | Observable<number>): void {
  if (isObservable(value)) return;
  if (typeof value !== 'number') {
    throw refusal('maxConcurrent', 'a whole number of at least 1 or an observable of such', value, insteadOf(value));
  }
  checkInteger('maxConcurrent', value, 1);
}

/** For those who give all of it as options, and for a number from the environment. */
function insteadOf(value: unknown): string | undefined {
  if (isNumeric(value)) return String(Number(value));
  const { maxConcurrent = 10 } = Object(value) as { readonly maxConcurrent?: unknown };
  return typeof value === 'object' && value !== null ? `bulkhead(${String(maxConcurrent)}, queue, options)` : undefined;
}

export function readBulkheadQueue(queue: number | BulkheadQueue): QueueSetup {
  const setup = readQueue(queue, ['order']);
  const { order = 'fifo' } = typeof queue === 'number' ? {} : queue;
  return { ...setup, order: checkOneOf('queue.order', order, orders) };
}
