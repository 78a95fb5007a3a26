import { CountWindow } from './count-window.js';
import { checkInteger, checkKeys, checkNumber, named } from './options.js';
import { TimeWindow } from './time-window.js';

/** The last `calls` outcomes, or those of the last `time` milliseconds. */
export type WindowSpec =
  | {
      /** Outcomes, 1 to 1,000,000. */
      readonly calls: number;
    }
  | {
      /** Length in milliseconds, at least 1. */
      readonly time: number;
      /** Parts in which the window ages, 1 to 1,000. Default 10. */
      readonly buckets?: number | undefined;
    };

/**
 * Counts recent outcomes. Reading changes nothing and allocates nothing; right after a record at `now`, reading at the
 * same `now` is O(1). Times are milliseconds of a clock that does not run backwards.
 */
export interface OutcomeWindow {
  /** Whether `now` matters: a window of calls ignores it. */
  readonly timed: boolean;
  /** Counts one outcome, which may be failed, slow, both or neither. */
  record(failed: boolean, slow: boolean, now: number): void;
  /** Outcomes in the window at `now`. */
  calls(now: number): number;
  /** Failed ones among them. */
  failures(now: number): number;
  /** Slow ones among them, failed or not. */
  slow(now: number): number;
  clear(): void;
  /**
   * A window of another shape with what still counts in it, as far as that is known: outcomes keep their time, to the
   * width of the old bucket, or their order. From time to calls the failed and the slow ones of a bucket count as its
   * older ones. From calls to time nothing is carried over: nobody knows when they were. This one is no longer used.
   */
  resize(spec: WindowSpec): OutcomeWindow;
}

/** @throws TypeError, RangeError naming `option` */
export function checkWindow(option: string, spec: unknown): WindowSpec {
  const { calls, time, buckets } = checkKeys(option, spec as Record<string, unknown>, ['calls', 'time', 'buckets']);
  if ((calls === undefined) === (time === undefined)) {
    throw new TypeError(`${named(option)} must have either calls or time, got ${calls === undefined ? 'neither' : 'both'}`);
  }
  if (calls === undefined) {
    return {
      time: checkNumber(`${option}.time`, time, 1),
      buckets: buckets === undefined ? 10 : checkInteger(`${option}.buckets`, buckets, 1, 1_000),
    };
  }
  if (buckets !== undefined) throw new TypeError(`${named(option)}.buckets belongs to a window of time, not of calls`);
  return { calls: checkInteger(`${option}.calls`, calls, 1, 1_000_000) };
}

/** An empty window; `spec` is what `checkWindow` returned. */
export function outcomeWindow(spec: WindowSpec): OutcomeWindow {
  return 'calls' in spec ? new CountWindow(spec.calls) : new TimeWindow(spec.time, spec.buckets ?? 10);
}
