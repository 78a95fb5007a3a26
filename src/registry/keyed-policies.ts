import type { Observable, SchedulerLike, Subscriber } from 'rxjs';
import { type Clock, clockOf } from '../operator/clock.js';
import { coreOf } from '../operator/policy.js';
import { whileTelling } from '../operator/settling.js';
import { AttachedEvents, detach } from './attached-events.js';
import type { KeyedEntry } from './keyed-entry.js';
import { KeyedHealth } from './keyed-health.js';
import { KeyedMaker } from './keyed-maker.js';
import { KeyedRest } from './keyed-rest.js';
import { KeyedShare } from './keyed-share.js';
import { type KeyedPolicy, overflowKey } from './keyed-types.js';

export interface KeyedSetup {
  readonly name: string;
  readonly maxKeys: number;
  readonly idleAfter: number;
  readonly maxOpenShare: number;
  readonly required: boolean;
  readonly scheduler: SchedulerLike;
}

/** The policies by their key: one is made with the first call of a key, and leaves when others need its place. */
export class KeyedPolicies<P extends KeyedPolicy> {
  readonly events: AttachedEvents;
  readonly health: KeyedHealth;
  private readonly entries: Map<string, KeyedEntry<P>> = new Map();
  private overflow: KeyedEntry<P> | undefined = undefined;
  private readonly rest: KeyedRest<P>;
  private readonly share: KeyedShare;
  private readonly maker: KeyedMaker<P>;
  private readonly clock: Clock;
  private disposed = false;

  constructor(
    make: (key: string) => P,
    private readonly setup: KeyedSetup,
  ) {
    this.maker = new KeyedMaker(make);
    this.clock = clockOf(setup.scheduler);
    this.rest = new KeyedRest(setup.idleAfter, this.clock);
    this.events = new AttachedEvents(() => this.all());
    this.share = new KeyedShare(setup, () => this.entries.size + (this.overflow === undefined ? 0 : 1), this.events);
    this.health = new KeyedHealth({
      ...setup,
      entries: () => this.all(),
      keys: () => this.entries.size,
      overflow: () => this.overflow !== undefined,
    });
  }

  private get isFull(): boolean {
    return this.entries.size >= 2 * this.setup.maxKeys;
  }

  get size(): number {
    return this.entries.size;
  }

  keys(): readonly string[] {
    return [...this.entries.keys()];
  }

  get(key: string): P | undefined {
    return this.present(key)?.policy;
  }

  /** Runs one call, without a subscriber of our own: context and the cause of an unsubscription pass as they are. */
  run(key: string, source: Observable<never>, subscriber: Subscriber<unknown>): void {
    if (subscriber.closed) return;
    const entry = this.enter(key);
    try {
      entry.policy(source).subscribe(subscriber);
    } finally {
      subscriber.add(() => this.leave(entry));
    }
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.health.dispose();
    this.events.complete();
    for (const { policy } of this.all()) policy.dispose();
  }

  private enter(key: string): KeyedEntry<P> {
    const now = this.rest.expires ? this.clock.now() : 0;
    let entry = this.present(key);
    if (entry === undefined || this.rest.isDue(now) || this.isOverflowDue(now)) {
      // One change of health, for whoever takes the place of the only other key that was up.
      whileTelling(() => {
        this.sweep(now);
        entry = this.present(key) ?? this.made(key);
      });
    }
    if (entry!.active++ === 0) entry!.line?.remove(entry!);
    return entry!;
  }

  private leave(entry: KeyedEntry<P>): void {
    if (--entry.active === 0 && !entry.gone) this.rest.add(entry, entry !== this.overflow);
  }

  private present(key: string): KeyedEntry<P> | undefined {
    return key === overflowKey ? this.overflow : this.entries.get(key);
  }

  private made(key: string): KeyedEntry<P> {
    if (key === overflowKey || !this.hasPlace()) return this.shared(key);
    const entry = this.maker.make(key);
    this.makePlace();
    // Both the factory and those who hear of an eviction may have made calls of their own.
    const present = this.entries.get(key);
    if (present === undefined && !this.isFull) {
      this.entries.set(key, entry);
      return this.take(entry);
    }
    this.maker.discard(entry);
    return present ?? this.shared(key);
  }

  private shared(key: string): KeyedEntry<P> {
    const entry = this.overflow ?? this.takeShared();
    const [policy] = entry.parts;
    if (key !== overflowKey && policy !== undefined) {
      const { kind, name } = policy;
      this.events.tell(() => ({ type: 'overflow', policy: name, kind, at: this.setup.scheduler.now(), key }));
    }
    return entry;
  }

  private takeShared(): KeyedEntry<P> {
    const entry = this.maker.make(overflowKey);
    if (this.overflow === undefined) return this.take((this.overflow = entry));
    this.maker.discard(entry);
    return this.overflow;
  }

  private take(entry: KeyedEntry<P>): KeyedEntry<P> {
    entry.unwatch = entry.parts.map((part) =>
      coreOf(part)!.watchedBy({
        transition: () => this.moved(entry),
        mayOpen: () => this.share.mayOpen(entry, part, this.maker.isShared(part)),
        disposed: () => {
          if (!this.disposed) this.drop(entry);
        },
      }),
    );
    this.share.note(entry, entry.isOpen());
    this.events.add(entry);
    this.health.add(entry);
    this.health.keysChanged();
    if (this.disposed) entry.policy.dispose();
    return entry;
  }

  private hasPlace(): boolean {
    return !this.isFull || this.rest.victim() !== undefined || this.rest.forsaken() !== undefined;
  }

  private makePlace(): void {
    while (this.entries.size >= this.setup.maxKeys) {
      const victim = this.rest.victim() ?? (this.isFull ? this.rest.forsaken() : undefined);
      if (victim === undefined) return;
      this.drop(victim);
    }
  }

  private sweep(now: number): void {
    const { overflow, rest } = this;
    for (let idle = rest.idle(now); idle !== undefined; idle = rest.idle(now)) this.drop(idle);
    if (overflow !== undefined && this.isOverflowDue(now) && !overflow.isOpen() && !overflow.isBusy()) this.drop(overflow);
  }

  private isOverflowDue(now: number): boolean {
    const { overflow, rest } = this;
    return overflow !== undefined && overflow.active === 0 && overflow.used > 0 && rest.isIdle(overflow, now);
  }

  private moved(entry: KeyedEntry<P>): void {
    const open = entry.isOpen();
    this.share.note(entry, open);
    if (!open) this.rest.restore(entry);
  }

  private drop(entry: KeyedEntry<P>): void {
    if (entry.gone) return;
    entry.gone = true;
    if (entry === this.overflow) this.overflow = undefined;
    else this.entries.delete(entry.key);
    entry.line?.remove(entry);
    this.share.note(entry, false);
    for (const unwatch of entry.unwatch) unwatch();
    detach(entry);
    this.health.remove(entry);
    this.maker.discard(entry);
    this.health.keysChanged();
  }

  private all(): readonly KeyedEntry<P>[] {
    return this.overflow === undefined ? [...this.entries.values()] : [...this.entries.values(), this.overflow];
  }
}
