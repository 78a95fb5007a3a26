import type { Probe } from '../core/circuit-state.js';

/** One call that the circuit has let through, and that is timed: the ticket of its stage. */
export class BreakerCall {
  /** There was a value. */
  valued = false;
  /** When, as far as somebody measures. */
  valuedAt: number | undefined = undefined;

  constructor(
    readonly generation: number,
    readonly probe: Probe | undefined,
    /** When its source was subscribed. */
    public start: number,
    /** Whether the time it ran for decides; what is measured for a listener alone must not matter. */
    public decides: boolean,
  ) {}

  /** It had to wait further in: it begins only now. */
  startAt(now: number): void {
    this.start = now;
    this.decides = true;
    if (this.probe !== undefined) this.probe.started = now;
  }
}
