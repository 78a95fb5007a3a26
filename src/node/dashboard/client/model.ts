import type { EventMessage, PoliciesMessage, PolicyView } from '../../stream-messages.js';
import { amountsOf, since } from './counters.js';
import { kindName, kindOrder, short } from './format.js';
import { type Look, lookAfter, lookOf, rankOf } from './looks.js';
import { type Amounts, Ring, slotLength, slotOf } from './ring.js';

export interface Entry {
  readonly key: string;
  view: PolicyView;
  readonly ring: Ring;
  amounts: Amounts;
  /** What the filter looks through, in lower case. */
  text: string;
}

const keyOf = (policy: string, kind: string): string => `${kind}:${policy}`;

/** What is known of the policies, in memory bounded by how many there are. */
export class Model {
  readonly entries: Map<string, Entry> = new Map();
  control = false;
  /** The entries, their order or what the filter sees is no longer what it was. */
  isReordered = true;
  private ordered: readonly Entry[] = [];
  /** Of the message before this one. */
  private lastAt = 0;

  /** @param changed hears of a policy that looks different from before */
  constructor(private readonly changed: (view: PolicyView, look: Look) => void) {}

  /** @param events what is known of the past, the oldest first */
  take({ at, whole, policies, gone, control }: PoliciesMessage, events: readonly EventMessage[]): void {
    this.control = control;
    if (whole) {
      const named = new Set(policies.map(({ policy, kind }) => keyOf(policy, kind)));
      for (const key of this.entries.keys()) if (!named.has(key)) this.remove(key);
    }
    for (const { policy, kind } of gone) this.remove(keyOf(policy, kind));
    for (const view of policies) this.takeOne(view, at, whole, events);
    this.lastAt = at;
  }

  /** A circuit may open and close between two reports of its state. */
  note(event: EventMessage): void {
    const look = lookAfter(event);
    if (look !== undefined) this.entries.get(keyOf(event.policy, event.kind))?.ring.glimpse(slotOf(event.at), look);
  }

  /** Time has gone by. */
  advance(now: number): void {
    for (const { ring } of this.entries.values()) ring.advance(slotOf(now));
  }

  /** The worst first, then by name. */
  order(): readonly Entry[] {
    if (!this.isReordered) return this.ordered;
    this.isReordered = false;
    const rank = ({ view }: Entry): number => rankOf(view.health.status);
    const placeOf = ({ view }: Entry): number => kindOrder.indexOf(view.kind);
    const byName = (a: Entry, b: Entry): number => (a.view.policy < b.view.policy ? -1 : a.view.policy > b.view.policy ? 1 : 0);
    this.ordered = [...this.entries.values()].sort((a, b) => rank(b) - rank(a) || byName(a, b) || placeOf(a) - placeOf(b));
    return this.ordered;
  }

  private takeOne(view: PolicyView, at: number, whole: boolean, events: readonly EventMessage[]): void {
    const key = keyOf(view.policy, view.kind);
    const slot = slotOf(at);
    const amounts = amountsOf(view);
    const look = lookOf(view);
    const known = this.entries.get(key);
    if (known === undefined) {
      const ring = new Ring(slot);
      this.recall(view, ring, events);
      ring.look(look);
      this.entries.set(key, { key, view, ring, amounts, text: textOf(view) });
      this.isReordered = true;
      return;
    }
    const { ring } = known;
    // After a gap the counters say nothing about when; they are where counting begins again.
    if (whole) ring.skip(slot);
    else {
      ring.advance(slot);
      // A policy that was not named for a while had nothing to tell until shortly before this.
      ring.add(since(amounts, known.amounts), Math.max(this.lastAt, at - slotLength), at);
    }
    if (view.latency !== undefined && view.latency.count > 0) ring.took(view.latency.p50, view.latency.p99);
    ring.look(look);
    if (look !== lookOf(known.view)) this.changed(view, look);
    if (view.health.status !== known.view.health.status) this.isReordered = true;
    const text = textOf(view);
    if (text !== known.text) this.isReordered = true;
    Object.assign(known, { view, amounts, text });
  }

  /** The states before the first report, as far as the events tell. */
  private recall({ policy, kind }: PolicyView, ring: Ring, events: readonly EventMessage[]): void {
    for (const event of events) {
      const look = event.policy === policy && event.kind === kind ? lookAfter(event) : undefined;
      if (look !== undefined && slotOf(event.at) < ring.first) ring.glimpse(slotOf(event.at), look);
    }
  }

  private remove(key: string): void {
    if (this.entries.delete(key)) this.isReordered = true;
  }
}

function textOf(view: PolicyView): string {
  const { policy, kind, mode, health } = view;
  return `${short(policy, 500)} ${kindName(kind)} ${kind} ${mode} ${health.status} ${lookOf(view)}`.toLowerCase();
}
