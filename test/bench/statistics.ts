/** A median and the bounds between which the true one lies. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** NaN without a value. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/**
 * How many values of a sample of this size may be left out at each end, so that the rest still spans the true median
 * with this confidence, whatever the distribution: each value is above it or below it like the toss of a coin. Zero for
 * small samples, whose extremes are the best bounds there are.
 */
export function leftOut(size: number, confidence: number): number {
  let probability = 0.5 ** size;
  let below = probability;
  let count = 0;
  while (below <= (1 - confidence) / 2) {
    count += 1;
    probability *= (size - count + 1) / count;
    below += probability;
  }
  return Math.max(0, count - 1);
}

/** The median of all values, and its bounds by order statistics. */
export function estimate(values: readonly number[], confidence = 0.95): Estimate {
  const sorted = ascending(values);
  const out = leftOut(sorted.length, confidence);
  return { median: median(sorted), low: sorted[out] ?? NaN, high: sorted[sorted.length - 1 - out] ?? NaN };
}

/**
 * The same of samples from several processes. Values of one process have more in common than chance (how it was
 * compiled, where its objects lie), so the bounds also span the median of every single process.
 */
export function estimateOf(processes: readonly (readonly number[])[], confidence = 0.95): Estimate {
  const all = estimate(processes.flat(), confidence);
  const single = processes.map(median);
  return { median: all.median, low: Math.min(all.low, ...single), high: Math.max(all.high, ...single) };
}

/** What each round says of two contenders that both ran in it. */
export function ratios(times: readonly number[], base: readonly number[]): number[] {
  return times.map((time, round) => time / base[round]!);
}
