import type { KeyedEntry } from './keyed-entry.js';
import type { KeyedPolicy } from './keyed-types.js';

/** Keys in the order in which they came. What happens with each call takes the same time, however long it is. */
export class KeyedLine<P extends KeyedPolicy> {
  oldest: KeyedEntry<P> | undefined = undefined;
  private newest: KeyedEntry<P> | undefined = undefined;

  add(entry: KeyedEntry<P>): void {
    this.putAfter(this.newest, entry);
  }

  /** One that was not in line, in the place of its last call. Only what is done by hand needs it: it walks. */
  restore(entry: KeyedEntry<P>): void {
    let before: KeyedEntry<P> | undefined;
    for (let at = this.oldest; at !== undefined && at.used < entry.used; at = at.newer) before = at;
    this.putAfter(before, entry);
  }

  remove(entry: KeyedEntry<P>): void {
    if (entry.line !== this) return;
    const { newer, older } = entry;
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.newest = older;
    else newer.older = older;
    entry.older = entry.newer = undefined;
    entry.line = undefined;
  }

  private putAfter(before: KeyedEntry<P> | undefined, entry: KeyedEntry<P>): void {
    const after = before === undefined ? this.oldest : before.newer;
    entry.older = before;
    entry.newer = after;
    if (before === undefined) this.oldest = entry;
    else before.newer = entry;
    if (after === undefined) this.newest = entry;
    else after.older = entry;
    entry.line = this;
  }
}
