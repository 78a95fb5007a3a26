import type { Clock } from '../operator/clock.js';
import type { KeyedEntry } from './keyed-entry.js';
import { KeyedLine } from './keyed-line.js';
import type { KeyedPolicy } from './keyed-types.js';

/** So many are looked at for one that can go where those that cannot do not say when they can. */
const patience = 16;

/**
 * The keys without calls in flight, by the end of their last one. One that is found not to be closed stands aside until
 * it closes: whoever looks for a place takes the first, and does not look twice at a thousand that cannot go.
 */
export class KeyedRest<P extends KeyedPolicy> {
  private readonly line: KeyedLine<P> = new KeyedLine();
  private readonly aside: KeyedLine<P> = new KeyedLine();
  private ends = 0;
  readonly expires: boolean;

  constructor(
    private readonly idleAfter: number,
    private readonly clock: Clock,
  ) {
    this.expires = idleAfter !== Infinity;
  }

  /** Its last call has ended. */
  add(entry: KeyedEntry<P>, mayGo: boolean): void {
    entry.used = ++this.ends;
    if (this.expires) entry.idleSince = this.clock.now();
    if (mayGo) this.line.add(entry);
  }

  /** It has closed by hand: it stands where its last call has put it. With a call it gets a place at its end. */
  restore(entry: KeyedEntry<P>): void {
    if (entry.line !== this.aside) return;
    this.aside.remove(entry);
    this.line.restore(entry);
  }

  /** The one to go next. */
  victim(): KeyedEntry<P> | undefined {
    let looks = patience;
    for (let entry = this.line.oldest; entry !== undefined && looks > 0; entry = this.line.oldest) {
      const open = entry.isOpen();
      if (!open && !entry.isBusy()) return entry;
      this.line.remove(entry);
      if (open) this.aside.add(entry);
      else {
        // It does not say when it has ended: it is used, and asked again in its turn.
        looks--;
        this.add(entry, true);
      }
    }
    return undefined;
  }

  /** Whether it is worth while to ask who is idle. */
  isDue(now: number): boolean {
    const { oldest } = this.line;
    return oldest !== undefined && this.isIdle(oldest, now);
  }

  /** One that has been idle for so long that it leaves. */
  idle(now: number): KeyedEntry<P> | undefined {
    const victim = this.isDue(now) ? this.victim() : undefined;
    return victim !== undefined && this.isIdle(victim, now) ? victim : undefined;
  }

  /**
   * Where every place is taken: one that is half-open, and idle for so long that nobody may ever call it again. Without
   * this, keys that have failed once and are never used any more would keep all others out.
   */
  forsaken(): KeyedEntry<P> | undefined {
    if (!this.expires) return undefined;
    const now = this.clock.now();
    let looks = patience;
    for (let entry = this.aside.oldest; entry !== undefined && looks > 0; entry = this.aside.oldest) {
      if (this.isIdle(entry, now) && entry.isWaiting() && !entry.isBusy()) return entry;
      this.aside.remove(entry);
      this.aside.add(entry);
      looks--;
    }
    return undefined;
  }

  isIdle(entry: KeyedEntry<P>, now: number): boolean {
    return this.expires && now - entry.idleSince >= this.idleAfter;
  }
}
