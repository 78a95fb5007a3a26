import type { SchedulerLike } from 'rxjs';
import type { Policy } from '../operator/policy-types.js';
import type { AttachedEvents } from './attached-events.js';
import type { KeyedEntry } from './keyed-entry.js';
import { type HeldClosedEvent, overflowKey } from './keyed-types.js';

/**
 * Not everything opens at once: where most of what we call fails, the fault may be our own network, and refusing all of
 * it helps nobody. The policy of the overflow does not open either: keys that a user makes up would refuse the calls of
 * others. The count follows what breakers tell; one that time has moved on is counted as it was until a call finds out.
 */
export class KeyedShare {
  private open = 0;

  constructor(
    private readonly setup: { readonly maxOpenShare: number; readonly scheduler: SchedulerLike },
    private readonly keys: () => number,
    private readonly events: AttachedEvents,
  ) {}

  note(entry: KeyedEntry, open: boolean): void {
    if (entry.open === open) return;
    entry.open = open;
    this.open += open ? 1 : -1;
  }

  /** `shared`: other keys have the same breaker, by the choice of the factory. */
  mayOpen(entry: KeyedEntry, { kind, name }: Policy, shared: boolean): boolean {
    const { maxOpenShare, scheduler } = this.setup;
    const others = this.open - (entry.open ? 1 : 0);
    const keys = this.keys();
    const mixed = entry.key === overflowKey && !shared;
    if (!mixed && others / keys < maxOpenShare) return true;
    this.events.tell((): HeldClosedEvent => ({
      ...{ type: 'heldClosed', policy: name, kind, at: scheduler.now() },
      ...{ key: entry.key, open: others, keys },
    }));
    return false;
  }
}
