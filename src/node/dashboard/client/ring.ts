import { type Look, looks, worse } from './looks.js';

/** Milliseconds that share a point, and how many points are kept. */
export const slotLength = 1_500;
export const slotCount = 120;

/** Slots at the end that are not complete: the one that is not over, and one of which a report is still on its way. */
export const unfinished = 2;

/** Calls and what became of them, in one slot or since a policy began. */
export interface Amounts {
  readonly calls: number;
  readonly bad: number;
  readonly other: number;
}

export const slotOf = (at: number): number => Math.floor(at / slotLength);

/** The last minutes of one policy, in memory that does not grow. */
export class Ring {
  readonly calls: Float32Array = new Float32Array(slotCount);
  readonly bad: Float32Array = new Float32Array(slotCount);
  readonly other: Float32Array = new Float32Array(slotCount);
  readonly p50: Float32Array = new Float32Array(slotCount).fill(NaN);
  readonly p99: Float32Array = new Float32Array(slotCount).fill(NaN);
  /** Places in `looks`. */
  readonly seen: Uint8Array = new Uint8Array(slotCount);
  private present: Look = '';

  /** @param latest the slot in which it begins; what was before is not known */
  constructor(
    private latest: number,
    readonly first: number = latest,
  ) {}

  /** Goes on to a slot: what happened in between is nothing, in the look that it had. */
  advance(slot: number): void {
    for (let next = Math.max(this.latest + 1, slot - slotCount + 1); next <= slot; next++) this.clear(next, this.present);
    this.latest = Math.max(this.latest, slot);
  }

  /** Goes on to a slot: what happened in between is not known. */
  skip(slot: number): void {
    this.present = '';
    this.advance(slot);
  }

  look(look: Look): void {
    this.present = look;
    const at = this.latest % slotCount;
    this.seen[at] = looks.indexOf(worse(looks[this.seen[at]!]!, look));
  }

  /** A look that an event tells of: between two reports, or before the first of them. */
  glimpse(slot: number, look: Look): void {
    if (slot < this.first) return this.lookBefore(slot, look);
    this.advance(slot);
    if (slot <= this.latest - slotCount) return;
    const at = slot % slotCount;
    if (this.seen[at] !== 0) this.seen[at] = looks.indexOf(worse(looks[this.seen[at]!]!, look));
  }

  /** From then until the first report, or until a later event says something else. */
  private lookBefore(slot: number, look: Look): void {
    for (let past = Math.max(slot, this.latest - slotCount + 1); past < this.first; past++) {
      this.seen[past % slotCount] = looks.indexOf(look);
    }
  }

  /** What came between two moments, evenly: reports come once a second, and slots would get now one of them and now two. */
  add({ calls, bad, other }: Amounts, from: number, to: number): void {
    const began = Math.max(from, (this.latest - slotCount + 1) * slotLength);
    for (let slot = Math.min(slotOf(began), this.latest); slot <= this.latest; slot++) {
      const overlap = Math.min(to, (slot + 1) * slotLength) - Math.max(began, slot * slotLength);
      const share = to <= began ? Number(slot === this.latest) : Math.max(0, overlap) / (to - began);
      const at = slot % slotCount;
      this.calls[at]! += calls * share;
      this.bad[at]! += bad * share;
      this.other[at]! += other * share;
    }
  }

  took(p50: number, p99: number): void {
    const at = this.latest % slotCount;
    // The worst of the slot: a mean of percentiles is no percentile.
    this.p50[at] = Number.isNaN(this.p50[at]!) ? p50 : Math.max(this.p50[at]!, p50);
    this.p99[at] = Number.isNaN(this.p99[at]!) ? p99 : Math.max(this.p99[at]!, p99);
  }

  /** Calls `visit` for each slot, the oldest first, with its place in the arrays and its distance from the left edge. */
  each(visit: (at: number, position: number) => void): void {
    for (let position = 0; position < slotCount; position++) {
      const slot = this.latest - slotCount + 1 + position;
      if (slot >= 0) visit(slot % slotCount, position);
    }
  }

  /** In a second, over the latest slots that are complete and known. */
  rate(series: Float32Array): number {
    const from = Math.max(this.first + 1, this.latest - unfinished - 2);
    let sum = 0;
    let known = 0;
    for (let slot = from; slot <= this.latest - unfinished; slot++) {
      const at = slot % slotCount;
      if (this.seen[at] === 0) continue;
      sum += series[at]!;
      known++;
    }
    return known === 0 ? 0 : sum / ((known * slotLength) / 1_000);
  }

  /** The latest one that there is within the last slots; NaN without one. */
  recent(series: Float32Array): number {
    for (let back = 0; back < 5; back++) {
      const value = series[(this.latest - back + slotCount) % slotCount]!;
      if (!Number.isNaN(value)) return value;
    }
    return NaN;
  }

  private clear(slot: number, look: Look): void {
    const at = slot % slotCount;
    this.calls[at] = this.bad[at] = this.other[at] = 0;
    this.p50[at] = this.p99[at] = NaN;
    this.seen[at] = looks.indexOf(look);
  }
}
