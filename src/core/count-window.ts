import { outcomeWindow, type OutcomeWindow, type WindowSpec } from './outcome-window.js';

const failedBit = 1;
const slowBit = 2;

/** The last `size` outcomes, whenever they were: a ring with running totals, one byte for each outcome, O(1). */
export class CountWindow implements OutcomeWindow {
  readonly timed = false;
  private readonly ring: Uint8Array;
  private next = 0;
  private length = 0;
  private failed = 0;
  private slowed = 0;

  constructor(private readonly size: number) {
    this.ring = new Uint8Array(size);
  }

  record(failed: boolean, slow: boolean): void {
    const { next, ring, size } = this;
    if (this.length === size) {
      const oldest = ring[next]!;
      if ((oldest & failedBit) !== 0) this.failed -= 1;
      if ((oldest & slowBit) !== 0) this.slowed -= 1;
    } else {
      this.length += 1;
    }
    ring[next] = (failed ? failedBit : 0) | (slow ? slowBit : 0);
    if (failed) this.failed += 1;
    if (slow) this.slowed += 1;
    this.next = next + 1 === size ? 0 : next + 1;
  }

  calls(): number {
    return this.length;
  }

  failures(): number {
    return this.failed;
  }

  slow(): number {
    return this.slowed;
  }

  clear(): void {
    this.next = this.length = this.failed = this.slowed = 0;
  }

  resize(spec: WindowSpec): OutcomeWindow {
    if (!('calls' in spec)) return outcomeWindow(spec);
    if (spec.calls === this.size) return this;
    const other = new CountWindow(spec.calls);
    for (let back = Math.min(this.length, spec.calls); back > 0; back -= 1) {
      const outcome = this.ring[(this.next - back + this.size) % this.size]!;
      other.record((outcome & failedBit) !== 0, (outcome & slowBit) !== 0);
    }
    return other;
  }
}
