import { EMPTY, type ObservableInput } from 'rxjs';
import type { Order } from './order.ts';

/** One thing to remember, whatever happens to the process. */
export type JournalEntry =
  /** From here on the order may have been charged. `at`: epoch milliseconds. */
  | { readonly type: 'begun'; readonly at: number; readonly order: Order }
  | { readonly type: 'finished'; readonly id: string };

export interface Journal {
  /** What was left when the process before this one ended. */
  readonly begun: readonly Begun[];
  /** Completes when the entry is safe. */
  append(entry: JournalEntry): ObservableInput<unknown>;
}

export interface Begun {
  readonly at: number;
  readonly order: Order;
}

/** What was begun and not finished, in the order in which it was begun. */
export function unfinishedOf(entries: readonly JournalEntry[]): Begun[] {
  const begun = new Map<string, Begun>();
  for (const entry of entries) {
    if (entry.type === 'finished') begun.delete(entry.id);
    else if (!begun.has(entry.order.id)) begun.set(entry.order.id, { at: entry.at, order: entry.order });
  }
  return [...begun.values()];
}

/** For tests: as safe as `entries`. */
export function memoryJournal(entries: JournalEntry[] = []): Journal {
  return {
    begun: unfinishedOf(entries),
    append: (entry) => {
      entries.push(entry);
      return EMPTY;
    },
  };
}
