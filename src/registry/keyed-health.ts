import { Subscription, type SchedulerLike } from 'rxjs';
import type { HealthStatus } from '../core/health.js';
import { HealthNode, type Reading } from '../health/health-node.js';
import type { KeyedEntry } from './keyed-entry.js';

export interface KeyedHealthSetup {
  readonly name: string;
  readonly required: boolean;
  readonly scheduler: SchedulerLike;
  /** Every key, and the shared policy where there is one. */
  readonly entries: () => readonly KeyedEntry[];
  readonly keys: () => number;
  readonly overflow: () => boolean;
}

/**
 * One health for all keys. It counts: a change of one key takes the same time however many there are, and nobody listens
 * to the keys while nobody listens here.
 */
export class KeyedHealth extends HealthNode {
  private readonly counts: Record<HealthStatus, number> = { up: 0, degraded: 0, unknown: 0, down: 0 };
  /** When it changed that was heard of since the last reading. */
  private heardAt: number | undefined = undefined;

  constructor(private readonly setup: KeyedHealthSetup) {
    super(setup);
  }

  add(entry: KeyedEntry): void {
    if (this.running) this.apart(() => this.listen(entry));
  }

  remove(entry: KeyedEntry): void {
    if (entry.status !== undefined) this.counts[entry.status]--;
    forget(entry);
  }

  /** Keys have come or gone. */
  keysChanged(): void {
    if (this.running) this.changed();
  }

  protected override reading(): Reading {
    const { keys, overflow } = this.setup;
    const since = this.heardAt;
    this.heardAt = undefined;
    const { degraded, down, unknown, up } = this.counts;
    const notUp = degraded + down + unknown;
    const status = notUp === 0 ? 'up' : notUp === down && up === 0 ? 'down' : 'degraded';
    return { status, since, details: { keys: keys(), degraded, down, overflow: overflow() } };
  }

  protected override start(): void {
    const entries = this.setup.entries();
    for (const entry of entries) this.listen(entry);
    this.status = undefined;
    this.heardAt = sinceOf(entries);
  }

  protected override stop(): void {
    for (const entry of this.setup.entries()) this.remove(entry);
  }

  private listen(entry: KeyedEntry): void {
    const subscription = (entry.health = new Subscription());
    subscription.add(
      entry.policy.health$.subscribe(({ since, status }) => {
        if (subscription.closed) return;
        this.heard();
        if (entry.status !== undefined) this.counts[entry.status]--;
        this.counts[status]++;
        entry.status = status;
        this.heardAt = entry.since = since;
        this.changed();
      }),
    );
  }
}

/** Where nobody has seen it begin: the oldest reason for a status that is not `up`, else the latest change. */
function sinceOf(entries: readonly KeyedEntry[]): number | undefined {
  const reasons = entries.filter(({ status }) => status !== 'up');
  if (reasons.length > 0 && reasons.length < entries.length) return reasons.reduce((least, { since }) => Math.min(least, since), Infinity);
  return entries.length === 0 ? undefined : entries.reduce((most, { since }) => Math.max(most, since), 0);
}

function forget(entry: KeyedEntry): void {
  entry.health?.unsubscribe();
  entry.health = undefined;
  entry.status = undefined;
}
