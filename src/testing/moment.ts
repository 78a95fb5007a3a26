import type { ObservableNotification } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { show } from '../core/options.js';

/** What happens at one time of a marble diagram, in milliseconds. */
export interface Moment {
  readonly frame: number;
  readonly notification: ObservableNotification<unknown>;
}

/** Deprecated with all of the class's base, and in rxjs 7 the only way to say what a character takes. */
const time = TestScheduler as unknown as { frameTimeFactor: number };

/**
 * Reads a marble diagram as `TestScheduler.run` does (a character is a millisecond, spaces are nothing, `20ms ` passes
 * time), also outside of it. Values are the letters themselves.
 */
export function readMarble(marble: string): readonly Moment[] {
  const { frameTimeFactor } = time;
  // Outside of `run` a character is ten frames.
  time.frameTimeFactor = 1;
  try {
    return TestScheduler.parseMarbles(marble, undefined, undefined, false, true);
  } finally {
    time.frameTimeFactor = frameTimeFactor;
  }
}

/** Sums of fractions are not exact; what differs by less than a microsecond happens at the same time. */
export function toMicro(frame: number): number {
  return Math.round(frame * 1_000) / 1_000;
}

/** Refuses what is no marble diagram, and signs that have no meaning for `helper`. */
export function checkMarble(helper: string, marble: unknown, meaningless: string): string {
  if (typeof marble !== 'string') throw new TypeError(`${helper}: a marble diagram must be a string, got ${show(marble)}`);
  const sign = meaningless.split('').find((other) => marble.includes(other));
  if (sign !== undefined) throw new TypeError(`${helper}: '${sign}' has no meaning in the marble diagram ${show(marble)}`);
  return marble;
}
