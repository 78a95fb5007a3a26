import { asyncScheduler, type Observable, type SchedulerLike } from 'rxjs';
import type { ConcurrencyLimit } from '../core/concurrency-limit.js';
import { fixedLimit } from '../core/fixed-limit.js';
import { checkKeys, checkName, reading, refusal } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';
import { shared } from '../operator/shared.js';
import { readQueue } from '../operator/waiting-line.js';
import { checkSignals } from './load-signals.js';
import { type Ceilings, readCeilings, readShares, type Shares } from './shares.js';
import { Shedder } from './shedder.js';

/** Calls that wait for a permit, the most important first, of equal ones the older. */
export interface ShedderQueue {
  /** Calls that may wait, at least 0. */
  readonly size: number;
  /** Milliseconds that a call may wait for, at least 0; `Infinity`: as long as it takes. Default 30,000. */
  readonly timeout?: number | undefined;
}

/** What `loadShedder` takes. */
export interface LoadShedderOptions {
  /**
   * Calls in flight at once: `fixedLimit(n)`, or one that adapts to latency (`vegasLimit()`), which belongs to one
   * dependency or route: over a process with mixed latencies it sheds healthy traffic. Default `fixedLimit(1_000)`.
   */
  readonly limit?: ConcurrencyLimit | undefined;
  /**
   * What share of the limit a priority may use, above 0 to 1, at least one call; a less important one never more than
   * a more important one. Default 1 (`criticalPlus`, `critical`), 0.8 (`sheddablePlus`), 0.5 (`sheddable`).
   */
  readonly shares?: Shares | undefined;
  /** Calls that may wait for a permit, the most important first, of equal ones the older. Default 0. */
  readonly queue?: number | ShedderQueue | undefined;
  /**
   * Utilisations, 0 idle to 1 full, subscribed with the first call until `dispose`. While the worst of them is at or
   * above the ceiling of a priority its calls are shed, and those that wait with them. One that ends keeps its last
   * value; what is no number is ignored. Default none.
   */
  readonly signals?: readonly Observable<number>[] | undefined;
  /** Utilisations, at least 0 (`Infinity`: by no signal), falling. Default 0.95 (`critical`), 0.85 (`sheddablePlus`), 0.7 (`sheddable`). */
  readonly ceilings?: Ceilings | undefined;
  /** For people and logs. Default `loadShedder`. */
  readonly name?: string | undefined;
  /** Timers of the queue. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** What several `loadShed` policies share: permits, queue and signals. */
export interface LoadShedder {
  /** For people and logs. */
  readonly name: string;
  /** Calls in flight at once, now. */
  readonly limit: number;
  /** Calls that hold a permit. */
  readonly inFlight: number;
  /** Calls that wait for one. */
  readonly queued: number;
  /** Places in the queue. */
  readonly capacity: number;
  /** Unsubscribes from the signals, whose last values stay; decisions go on. */
  dispose(): void;
}

/**
 * Decides which calls get through when there are too many: the more important. Nobody is refused for want of room, nor
 * displaced, while somebody less important waits. (Priorities and their order are those of "Handling Overload" in
 * Google's SRE book.)
 *
 * @throws TypeError, RangeError where an option is out of its range
 *
 * ```ts
 * const shedder = loadShedder({ limit: vegasLimit(), queue: { size: 50, timeout: 500 }, name: 'search' });
 * const interactive = loadShed('critical', { shedder });
 * const prefetch = loadShed('sheddable', { shedder });
 * ```
 */
export function loadShedder(options: LoadShedderOptions = {}): LoadShedder {
  return reading('loadShedder', () => {
    const given = checkKeys('options', options, ['limit', 'shares', 'queue', 'signals', 'ceilings', 'name', 'scheduler']);
    const { limit = fixedLimit(1_000), shares = {}, queue = 0, signals = [], ceilings = {} } = given;
    const { name = 'loadShedder', scheduler = asyncScheduler } = given;
    checkName('name', name);
    checkScheduler(scheduler);
    if (typeof limit?.sampler !== 'function') throw refusal('limit', 'a limit such as fixedLimit(100) or vegasLimit()', limit);
    checkSignals(signals);
    const setup = { ...readQueue(queue), order: 'priority' } as const;
    return new Shedder(name, limit, readShares(shares), readCeilings(ceilings), setup, signals, scheduler);
  });
}

/** The shedder of the process, shared by every copy of this library: that of `loadShed` policies that name none. */
export function defaultShedder(): LoadShedder {
  return (shared.shedder ??= loadShedder({ name: 'process' })) as LoadShedder;
}
