/** What a retry remembers of a call that has failed once: its ticket. It is per call and never shared. */
export class RetryCall {
  /** Tries made since the call began. */
  tries = 1;
  /** Retries made since the count began. */
  retries = 0;
  /** The strategy's last delay. */
  previousDelay = 0;
  /** The present try has had a value. */
  answered = false;
  /** It was given up: whatever still comes of it passes, and is no success. */
  over = false;
  /** A callback of the policy has thrown: that ends the call. */
  broken = false;

  constructor(
    /** Calls of a generation before the last `reset` are not counted. */
    readonly generation: number,
  ) {}

  countAnew(): void {
    this.retries = 0;
    this.previousDelay = 0;
    this.over = false;
  }
}
