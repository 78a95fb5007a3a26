import { type Observable, of } from 'rxjs';
import { Ending } from '../core/ending.js';
import { reading, takes } from '../core/options.js';
import { isReadOnce } from '../core/response.js';
import { fuse } from '../operator/fuse.js';
import { noteMade } from '../operator/inline-warning.js';
import { policyOperator } from '../operator/policy.js';
import { noOptions } from '../operator/policy-core.js';
import type { Policy } from '../operator/policy-types.js';
import { fallbackOrder, type Stage, stage } from '../operator/stage.js';
import { FallbackCore, type FallbackCounters, type FallbackUpdate } from './fallback-core.js';
import type { FallbackEvent, FallbackMetrics } from './fallback-events.js';
import { checkFallbackOptions, type FallbackOptions } from './fallback-options.js';
import { checkMaxAge, isLastValues, type LastValue, type LastValues } from './last-values.js';

/** What `fallbackToLast` takes without a key. */
export interface FallbackToLastOptions extends FallbackOptions {
  /** Milliseconds for which the last good value may stand in, more than 0; `Infinity` for ever. */
  readonly maxAge: number;
}

/** Emits what the source emits: the last value is one of its own. */
export interface FallbackToLastOperator<V = unknown> extends Policy<FallbackEvent, FallbackUpdate, FallbackMetrics> {
  <T extends V>(source: Observable<T>): Observable<T>;
}

interface Ticket {
  readonly counters: FallbackCounters;
  /** The last value. */
  value: unknown;
}

/** Where one pipe keeps its last good value. */
interface Memory {
  readonly maxAge: number;
  read(): LastValue | undefined;
  /** Undefined where nothing is to be kept. */
  readonly write: ((last: LastValue) => void) | undefined;
}

const readOnce =
  'fallbackToLast cannot keep a Response, whose body can be read once: keep what was read from it. Read it inside of ' +
  'attempt: if (!response.ok) throw response; return response.json()';

/**
 * Answers a failed call with the last good value: stale while error. Good is the last value of a call that completed,
 * or that was left after a value. Without one, or where it is older than `maxAge`, the error passes.
 *
 * With options alone, each observable that this `.pipe()` returned has a memory of its own: keep that observable. Where
 * the pipe is assembled for each call, keep `lastValues()` and give it with a key; the key contains the user where the
 * value does, and with `null` or `undefined` as key nothing is stored or served.
 *
 * A `Response` can be read once and is never kept: the first one ends its call with a `TypeError`. Keep what was read.
 *
 * @throws TypeError, RangeError
 *
 * ```ts
 * const last = lastValues<Item>({ maxAge: 60_000 });
 * const find = (id: string) => api.find(id).pipe(fallbackToLast(last, id));
 * ```
 */
export function fallbackToLast(options: FallbackToLastOptions): FallbackToLastOperator;
export function fallbackToLast<V>(last: LastValues<V>, key: unknown, options?: FallbackOptions): FallbackToLastOperator<V>;
export function fallbackToLast(
  first: FallbackToLastOptions | LastValues<unknown>,
  key?: unknown,
  options: FallbackOptions = noOptions,
): FallbackToLastOperator {
  if (isLastValues(first)) {
    const hasKey = arguments.length > 1;
    const given = reading('fallbackToLast', () => {
      if (!hasKey) throw takes('a key after lastValues()', key, 'fallbackToLast(last, key)');
      return checkFallbackOptions(options);
    });
    const core = new FallbackCore(given, true);
    const kept = lastStage(core, keyed(first, key));
    return policyOperator(core, (source) => fuse(source, kept));
  }
  const given = reading('fallbackToLast', () => {
    if (key !== undefined) throw takes('a key only after lastValues()', key, 'fallbackToLast(last, key)');
    const settings = checkFallbackOptions(first, ['maxAge']);
    checkMaxAge(settings.maxAge);
    return settings;
  });
  const core = new FallbackCore(given, true);
  noteMade(core, 'fallbackToLast');
  return policyOperator(core, (source) => fuse(source, lastStage(core, single(given.maxAge))));
}

function lastStage(core: FallbackCore, memory: Memory): Stage {
  return stage({
    policy: core,
    order: fallbackOrder,
    seesValues: true,
    everyValue: true,
    admit: (call, at) => {
      call.tickets[at] = { counters: core.admitted(), value: undefined };
      return undefined;
    },
    first: (call, at, value) => core.first(call, at, value, () => answer(core, memory), (call.tickets[at] as Ticket).counters),
    value: (call, at, value) => {
      if (memory.write !== undefined && core.mode === 'enforce' && isReadOnce(value)) throw new TypeError(readOnce);
      (call.tickets[at] as Ticket).value = value;
      return undefined;
    },
    keepsScope: true,
    settle: (call, at, ending, error) => {
      const ticket = call.tickets[at] as Ticket;
      const good = (ending === Ending.completed || ending === Ending.left) && call.hasSeen(at);
      // In shadow mode a response passes, and is not kept.
      if (good && core.mode !== 'disabled' && !isReadOnce(ticket.value)) {
        memory.write?.({ value: ticket.value, at: core.clock.now() });
      }
      return core.settle(call, at, ending, error, () => answer(core, memory), ticket.counters);
    },
  });
}

function answer(core: FallbackCore, { maxAge, read }: Memory): Observable<unknown> | undefined {
  const last = read();
  return last === undefined || core.clock.now() - last.at > maxAge ? undefined : of(last.value);
}

function single(maxAge: number): Memory {
  let last: LastValue | undefined;
  return { maxAge, read: () => last, write: (value) => void (last = value) };
}

function keyed(last: LastValues<unknown>, key: unknown): Memory {
  if (key === undefined || key === null) return { maxAge: last.maxAge, read: () => undefined, write: undefined };
  return { maxAge: last.maxAge, read: () => last.find(key), write: (value) => last.put(key, value) };
}

