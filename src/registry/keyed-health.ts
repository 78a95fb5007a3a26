import type { Observable, SchedulerLike } from 'rxjs';
import { type Health, type HealthStatus, sameHealth } from '../core/health.js';
import { Published } from '../operator/published.js';
import { type Derived, settleWhenTold } from '../operator/settling.js';
import { inRootContext } from '../operator/shared.js';
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
export class KeyedHealth implements Derived {
  /** Above a policy, and above a pipeline. */
  readonly height: number = 2;
  private readonly published: Published<Health>;
  private readonly counts: Record<HealthStatus, number> = { up: 0, degraded: 0, unknown: 0, down: 0 };
  private connected = false;
  /** When it changed that was heard of last. */
  private heardAt: number | undefined = undefined;
  private last: Health | undefined = undefined;

  constructor(private readonly setup: KeyedHealthSetup) {
    this.published = new Published(
      () => this.read(),
      sameHealth,
      (listening) => {
        if (!listening) this.disconnect();
      },
    );
  }

  get stream(): Observable<Health> {
    return this.published.stream;
  }

  add(entry: KeyedEntry): void {
    if (this.connected) this.listen(entry);
  }

  remove(entry: KeyedEntry): void {
    if (entry.status !== undefined) this.counts[entry.status]--;
    forget(entry);
  }

  /** Keys have come or gone. */
  changed(): void {
    if (this.connected) settleWhenTold(this);
  }

  settle(): void {
    this.published.push();
  }

  complete(): void {
    this.published.complete();
    this.disconnect();
  }

  private read(): Health {
    if (!this.connected) this.connect();
    const { keys, name, overflow, required, scheduler } = this.setup;
    const { degraded, down, unknown, up } = this.counts;
    const notUp = degraded + down + unknown;
    const status = notUp === 0 ? 'up' : notUp === down && up === 0 ? 'down' : 'degraded';
    const { last } = this;
    const since = last?.status === status ? last.since : (this.heardAt ?? scheduler.now());
    this.heardAt = undefined;
    return (this.last = { name, status, required, since, details: { keys: keys(), degraded, down, overflow: overflow() } });
  }

  private connect(): void {
    this.connected = true;
    const entries = this.setup.entries();
    for (const entry of entries) this.listen(entry);
    this.heardAt = sinceOf(entries);
  }

  private disconnect(): void {
    if (!this.connected) return;
    this.connected = false;
    this.last = undefined;
    for (const entry of this.setup.entries()) this.remove(entry);
  }

  private listen(entry: KeyedEntry): void {
    const take = ({ since, status }: Pick<Health, 'since' | 'status'>): void => {
      if (entry.status !== undefined) this.counts[entry.status]--;
      this.counts[status]++;
      entry.status = status;
      this.heardAt = entry.since = since;
      settleWhenTold(this);
    };
    inRootContext(() => {
      entry.health = entry.policy.health$.subscribe(take);
    }, undefined);
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
