import { outcomeWindow, type OutcomeWindow, type WindowSpec } from './outcome-window.js';

/**
 * The outcomes of the last `time` milliseconds, counted in `buckets` parts of equal width which begin at multiples of
 * that width. A bucket leaves as a whole, `time` after it began: an outcome counts for more than `time - width` and
 * for at most `time`, and no longer at that very instant if it came as its bucket began.
 *
 * Kept are only buckets that have an outcome, in a ring: a record makes and drops at most one each (amortised), an
 * idle gap of any length costs at most `buckets` steps once. A time before that of the newest outcome counts as its.
 */
export class TimeWindow implements OutcomeWindow {
  readonly timed = true;
  private readonly width: number;
  /** Which multiple of the width each bucket began at, and what is counted in it. */
  private readonly index: Float64Array;
  private readonly counts: Uint32Array;
  private first = 0;
  private used = 0;
  /** Where the newest bucket is counted. */
  private top = 0;
  private newest = -Infinity;
  private total = 0;
  private failed = 0;
  private slowed = 0;

  constructor(
    private readonly time: number,
    private readonly buckets: number,
  ) {
    this.width = time / buckets;
    this.index = new Float64Array(buckets);
    this.counts = new Uint32Array(buckets * 3);
  }

  record(failed: boolean, slow: boolean, now: number): void {
    const index = Math.floor(now / this.width);
    if (index > this.newest) this.begin(index);
    const { counts, top } = this;
    counts[top]!++;
    this.total++;
    if (failed) {
      counts[top + 1]!++;
      this.failed++;
    }
    if (slow) {
      counts[top + 2]!++;
      this.slowed++;
    }
  }

  calls(now: number): number {
    return this.total - this.expired(0, now);
  }

  failures(now: number): number {
    return this.failed === 0 ? 0 : this.failed - this.expired(1, now);
  }

  slow(now: number): number {
    return this.slowed === 0 ? 0 : this.slowed - this.expired(2, now);
  }

  clear(): void {
    this.first = this.used = this.total = this.failed = this.slowed = 0;
    this.newest = -Infinity;
  }

  resize(spec: WindowSpec): OutcomeWindow {
    const other = outcomeWindow(spec);
    if (other instanceof TimeWindow) {
      if (other.time === this.time && other.buckets === this.buckets) return this;
      for (let i = 0; i < this.used; i += 1) {
        const slot = this.slot(i);
        // As of the bucket's beginning, so that nothing stays for longer than the new window.
        const index = Math.floor((this.index[slot]! * this.width) / other.width);
        other.add(index, this.counts[slot * 3]!, this.counts[slot * 3 + 1]!, this.counts[slot * 3 + 2]!);
      }
      return other;
    }
    for (let i = 0; i < this.used; i += 1) {
      const at = this.slot(i) * 3;
      for (let n = 0; n < this.counts[at]!; n += 1) {
        other.record(n < this.counts[at + 1]!, n < this.counts[at + 2]!, 0);
      }
    }
    return other;
  }

  private slot(i: number): number {
    const slot = this.first + i;
    return slot < this.buckets ? slot : slot - this.buckets;
  }

  private add(index: number, calls: number, failed: number, slow: number): void {
    if (index > this.newest) this.begin(index);
    const { counts, top } = this;
    counts[top]! += calls;
    counts[top + 1]! += failed;
    counts[top + 2]! += slow;
    this.total += calls;
    this.failed += failed;
    this.slowed += slow;
  }

  private begin(index: number): void {
    this.expire(index);
    this.newest = index;
    const slot = this.slot(this.used);
    this.index[slot] = index;
    this.top = slot * 3;
    this.counts.fill(0, this.top, this.top + 3);
    this.used += 1;
  }

  /** Drops what is no longer in the window whose newest bucket is `index`. */
  private expire(index: number): void {
    while (this.used > 0 && this.index[this.first]! <= index - this.buckets) {
      const at = this.first * 3;
      this.total -= this.counts[at]!;
      this.failed -= this.counts[at + 1]!;
      this.slowed -= this.counts[at + 2]!;
      this.first = this.slot(1);
      this.used -= 1;
    }
  }

  private expired(column: number, now: number): number {
    const oldest = Math.floor(now / this.width) - this.buckets;
    let sum = 0;
    for (let i = 0; i < this.used; i += 1) {
      const slot = this.slot(i);
      if (this.index[slot]! > oldest) break;
      sum += this.counts[slot * 3 + column]!;
    }
    return sum;
  }
}
