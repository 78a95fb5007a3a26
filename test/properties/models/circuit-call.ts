import type { ModelRule } from './trip-model.js';

/**
 * How a call ends, as its consumer sees it. `busy`: an error that asks to be left alone for a while. `cut`: by a deadline
 * around the breaker.
 */
export type End = 'complete' | 'fail' | 'busy' | 'permanent' | 'bug' | 'leave' | 'cut';

/** Milliseconds that a call with a deadline has. */
export const within = 6;

/** Milliseconds that a busy dependency asks for, and the most that is granted. */
export const asksFor = 13;
export const granted = 10;

export interface ModelCall {
  readonly generation: number;
  readonly probe: boolean;
  readonly started: number;
  valuedAt: number | undefined;
  /** As a probe: a value that was in time and not slow. */
  valued: boolean;
  /** Its time as a probe is over: it has counted, or its slot is free. */
  expired: boolean;
  /** The circuit has taken it for a success. */
  counted: boolean;
  /** When its deadline is over. */
  readonly due: number;
  /** Its outcome is known, though it still runs. */
  settled: boolean;
}

export interface ModelSettings {
  readonly rule: ModelRule;
  readonly successThreshold: number;
  readonly maxProbes: number;
  readonly probeTimeout: number;
  readonly hungAfter: number | undefined;
  readonly settleOn: 'complete' | 'firstValue';
}
