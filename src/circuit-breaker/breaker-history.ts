import type { Transition } from '../core/circuit-state.js';
import type { CircuitSnapshot } from './circuit-snapshot.js';

/** What is told of a circuit's past. `raw` times are readings of the scheduler. */
export class BreakerHistory {
  opened = 0;
  /** Since it was last closed. */
  openings = 0;
  lastBreak = 0;
  lastError: unknown = undefined;
  /** Since it was last closed: what opens it, though the call that made a rate complete may have gone well. */
  lastFailure: unknown = undefined;
  openedAt: number | undefined = undefined;
  /** When the status became what it is. */
  since: number;
  /** When it went down; opening again with no success in between is the same outage. */
  private downSince: number;
  private last: Transition | undefined;

  constructor(raw: number) {
    this.since = this.downSince = raw;
  }

  note({ from, to, at }: Transition, raw: number, error: unknown, probed: boolean): void {
    this.last = { from, to, at };
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

  /** Takes over what a snapshot tells of another circuit. */
  begin({ openings, lastError }: CircuitSnapshot): void {
    this.opened = 0;
    if (this.openings > 0) this.openings = openings ?? 1;
    this.lastError = lastError;
  }

  /** The part of a snapshot that the past gives. */
  told(now: number, last: Transition | undefined = this.last): Pick<CircuitSnapshot, 'lastTransition' | 'lastError'> {
    const { lastError } = this;
    return {
      ...(last !== undefined && { lastTransition: { from: last.from, to: last.to, ago: Math.max(0, now - last.at) } }),
      ...(lastError !== undefined && { lastError }),
    };
  }
}
