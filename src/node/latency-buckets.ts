import type { LatencyView } from './stream-messages.js';

/** Eight to each doubling: a quantile is at most 9 % more than it was. */
const perOctave = 8;
/** Bounds from 1 ms to 2^20, some 17 minutes; what is beyond counts there. */
const octaves = 20;

/** Counts durations in a fixed number of buckets, however many there are. */
export class LatencyBuckets {
  private readonly counts: Uint32Array = new Uint32Array(octaves * perOctave + 1);
  private count = 0;

  add(ms: number): void {
    if (!(ms >= 0)) return;
    const bucket = ms <= 1 ? 0 : Math.min(this.counts.length - 1, Math.ceil(Math.log2(ms) * perOctave - 1e-9));
    this.counts[bucket]!++;
    this.count++;
  }

  /** What has come since the last time; undefined where nothing has. */
  take(): LatencyView | undefined {
    const { count } = this;
    if (count === 0) return undefined;
    const view = { count, p50: this.quantile(0.5), p99: this.quantile(0.99) };
    this.counts.fill(0);
    this.count = 0;
    return view;
  }

  /** The upper bound of the bucket in which it lies, with two decimals. */
  private quantile(share: number): number {
    const rank = Math.ceil(share * this.count);
    let below = 0;
    let bucket = 0;
    for (; bucket < this.counts.length - 1; bucket++) {
      below += this.counts[bucket]!;
      if (below >= rank) break;
    }
    return Math.round(2 ** (bucket / perOctave) * 100) / 100;
  }
}
