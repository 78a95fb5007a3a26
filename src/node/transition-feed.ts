import type { RegisteredTransition } from '../registry/registry-types.js';
import { eventMessage, message } from './stream-text.js';

/** The least that is kept while somebody is connected, whatever the registry's ring holds. */
const least = 1_000;

/**
 * Transitions for clients that read at their own speed: each one remembers how far it has come, and nothing is kept for
 * it. Ids begin with that of this process, so that those of another one are not taken for its own.
 */
export class TransitionFeed {
  private entries: RegisteredTransition[];
  private readonly size: number;
  private readonly written: Map<number, Uint8Array> = new Map();

  constructor(
    private readonly instance: string,
    history: readonly RegisteredTransition[],
  ) {
    this.entries = [...history];
    this.size = Math.max(least, history.length);
  }

  add(transition: RegisteredTransition): void {
    this.entries.push(transition);
    if (this.entries.length < 2 * this.size) return;
    this.entries = this.entries.slice(-this.size);
    this.written.clear();
  }

  /** How far a client has come that says so; 0 for one that comes from elsewhere, and for a new one. */
  cursorOf(lastEventId: string | undefined): number {
    const [instance, number = ''] = (lastEventId ?? '').split('-');
    const id = /^\d{1,15}$/.test(number) ? Number(number) : 0;
    return instance === this.instance && id <= (this.entries.at(-1)?.id ?? 0) ? id : 0;
  }

  /** The next one after `cursor`, or the oldest there is; each is written once for all clients. */
  after(cursor: number): { readonly id: number; readonly bytes: Uint8Array } | undefined {
    const [oldest] = this.entries;
    const next = oldest === undefined ? undefined : this.entries[Math.max(0, cursor + 1 - oldest.id)];
    if (next === undefined) return undefined;
    const { id, event } = next;
    let bytes = this.written.get(id);
    if (bytes === undefined) {
      if (this.written.size >= least) this.written.clear();
      this.written.set(id, (bytes = message('event', eventMessage(event), `${this.instance}-${id}`)));
    }
    return { id, bytes };
  }
}
