/** What a `DueHeap` orders: by `due`, and of those that are due together by `order`. */
export interface Due {
  readonly due: number;
  readonly order: number;
  /** Its place in the heap, which the heap keeps; -1 at first. */
  slot: number;
}

/** Things that are due, the first one at hand. To add and to remove one costs O(log n), in any order of them. */
export class DueHeap<T extends Due> {
  private readonly items: T[] = [];

  get first(): T | undefined {
    return this.items[0];
  }

  add(item: T): void {
    this.place(item, this.rise(item, this.items.length));
  }

  /** False, and nothing happens, where it is not in this heap. */
  remove(item: T): boolean {
    const { items } = this;
    const { slot } = item;
    if (slot < 0 || items[slot] !== item) return false;
    item.slot = -1;
    const last = items.pop()!;
    if (last !== item) this.place(last, this.sink(last, this.rise(last, slot)));
    return true;
  }

  private place(item: T, slot: number): void {
    this.items[slot] = item;
    item.slot = slot;
  }

  /** The free place for `item` at `slot` or above it: what is due later moves down. */
  private rise(item: T, slot: number): number {
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      const parent = this.items[above]!;
      if (!isBefore(item, parent)) break;
      this.place(parent, slot);
      slot = above;
    }
    return slot;
  }

  /** The same at `slot` or below it: what is due sooner moves up. */
  private sink(item: T, slot: number): number {
    const { items } = this;
    for (let below = 2 * slot + 1; below < items.length; below = 2 * slot + 1) {
      if (below + 1 < items.length && isBefore(items[below + 1]!, items[below]!)) below++;
      const child = items[below]!;
      if (!isBefore(child, item)) break;
      this.place(child, slot);
      slot = below;
    }
    return slot;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
