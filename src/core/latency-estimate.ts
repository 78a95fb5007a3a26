/** A mean of fewer samples says more about chance than about the dependency. */
const enough = 10;

/** Below the resolution of the clocks a ratio of latencies is noise. */
const shortest = 1;

class Mean {
  sum = 0;
  count = 0;

  add(sum: number, count: number): void {
    this.sum += sum;
    this.count += count;
  }

  /** The mean of at least `enough` samples, after which it begins anew; until then `undefined`. */
  take(): number | undefined {
    if (this.count < enough) return undefined;
    const mean = this.sum / this.count;
    this.sum = this.count = 0;
    return mean;
  }
}

/**
 * The latencies of one policy, in windows, and its baseline: the latency of its calls while the dependency is idle, as
 * far as that is known. The baseline is the least mean of any window, until a window in which the load was taken away
 * says what it is today. Samples of windows too small for a mean are kept for the next. Milliseconds.
 */
export class LatencyEstimate {
  /** Of the present window. */
  sum = 0;
  /** Of the present window. */
  count = 0;
  private readonly loaded: Mean = new Mean();
  private readonly drained: Mean = new Mean();
  private least: number | undefined;

  record(latency: number): void {
    this.sum += latency;
    this.count += 1;
  }

  /**
   * Ends the window.
   *
   * @param drained whether the load had been taken away for it
   * @returns its samples over the baseline, summed, each at least 1; `undefined` while there is no baseline
   */
  settle(drained: boolean): number | undefined {
    const { sum, count } = this;
    this.sum = this.count = 0;
    if (drained) {
      this.drained.add(sum, count);
      this.least = this.drained.take() ?? this.least;
    } else {
      this.loaded.add(sum, count);
      const mean = this.loaded.take();
      if (mean !== undefined) this.least = Math.min(mean, this.least ?? mean);
    }
    return this.least === undefined ? undefined : Math.max(count, sum / Math.max(shortest, this.least));
  }
}
