import type { Transition } from '../core/circuit-state.js';

/** What is told of a circuit's past. `raw` times are readings of the scheduler. */
export class BreakerHistory {
  /** Since the last reset. */
  opened = 0;
  /** Since it was last closed. */
  openings = 0;
  /** What opened it last. */
  lastError: unknown = undefined;
  /** Since it was last closed: what opens it, though the call that made a rate complete may have gone well. */
  lastFailure: unknown = undefined;
  openedAt: number | undefined = undefined;
  last: Transition | undefined = undefined;
  /** When the status became what it is. */
  since: number;
  /** When it went down; opening again with no success in between is the same outage. */
  private downSince: number;

  constructor(raw: number) {
    this.since = this.downSince = raw;
  }

  /** The circuit has moved; `probed`: a probe had succeeded. */
  note(move: Transition, raw: number, error: unknown, probed: boolean): void {
    const { from, to } = move;
    this.last = move;
    // Down it was before, where an open one is held by hand.
    if (from !== 'open' || to !== 'isolated') this.since = raw;
    if (to === 'open') {
      this.opened++;
      this.openings++;
      this.lastError = error;
      this.openedAt = raw;
      if (from !== 'half-open' || probed) this.downSince = raw;
      this.since = this.downSince;
    } else if (to === 'closed') {
      this.openings = 0;
      this.lastFailure = undefined;
    }
  }

  reset(): void {
    this.opened = this.openings = 0;
    this.lastError = this.lastFailure = this.openedAt = undefined;
  }
}
