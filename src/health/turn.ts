/** What publishes at the end of a turn, at most once. */
export interface InTurn {
  /** Greater than that of everything it is made of. */
  readonly height: number;
  publish(): void;
}

/**
 * A turn is what one change causes synchronously. What is made of several parts publishes at its end and not in the
 * middle, when some of its parts know of the change and others do not yet. Those that are made of others come after
 * them (`height`), so that each publishes once.
 */
class Turn {
  private depth = 0;
  private readonly waiting: Set<InTurn> = new Set();
  /** Of what is being delivered at this moment. */
  height = 0;

  /** Publishes at the end of the turn, which is now where there is none. */
  join(node: InTurn): void {
    this.waiting.add(node);
    if (this.depth > 0) return;
    this.open();
    this.close();
  }

  open(): void {
    this.depth++;
  }

  close(): void {
    if (this.depth === 1) this.settle();
    this.depth--;
  }

  /** Runs what delivers the value of something of this height. */
  deliver(height: number, work: () => void): void {
    const outer = this.height;
    this.height = height;
    this.open();
    try {
      work();
    } finally {
      this.close();
      this.height = outer;
    }
  }

  private settle(): void {
    for (let node = this.lowest(); node !== undefined; node = this.lowest()) {
      this.waiting.delete(node);
      node.publish();
    }
  }

  private lowest(): InTurn | undefined {
    let lowest: InTurn | undefined;
    for (const node of this.waiting) if (lowest === undefined || node.height < lowest.height) lowest = node;
    return lowest;
  }
}

export const turn: Turn = /*#__PURE__*/ new Turn();
