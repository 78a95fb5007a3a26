import type { Probe } from '../core/circuit-state.js';

/** One call that the circuit has let through: the ticket of its stage. */
export class BreakerCall {
  /** There was a value. */
  valued = false;
  /** When, as far as somebody measures. */
  valuedAt: number | undefined = undefined;
  settled = false;

  constructor(
    readonly generation: number,
    readonly probe: Probe | undefined,
    /** When its source was subscribed, as far as somebody measures. */
    public start: number | undefined,
    /** Whether the time it ran for decides; what is measured for a listener alone must not matter. */
    public decides: boolean,
  ) {}
}
