import { type Observable, Subscription } from 'rxjs';
import { type Health, type HealthStatus, shareOf, worstOf } from '../core/health.js';
import { type Components, Moment, sameWhole } from './components.js';
import { HealthNode, type NodeSettings, type Reading } from './health-node.js';
import { readHealth } from './health-source.js';
import { SharedOrigins } from './shared-origins.js';

/** What is known of a part. */
interface Part {
  readonly key: string;
  readonly source: Observable<Health>;
  health: Health;
  subscription: Subscription;
}

/** What parts make together. */
export type Whole = Pick<Reading, 'status' | 'required' | 'error'>;

/**
 * Parts as one health. They are subscribed while somebody listens, once for all. A change of one part takes the same time
 * however many there are: what they make together is counted, and `components` is made for those who read it.
 */
export class CombinedHealth extends HealthNode {
  private readonly parts: Map<string, Part> = new Map();
  /** How many parts make the whole at least this. */
  private readonly shares: Record<HealthStatus, number> = { up: 0, degraded: 0, unknown: 0, down: 0 };
  /** How many have not spoken, or know nothing. */
  private unknown = 0;
  private moment: Moment = new Moment(this.parts);
  /** The one that was read last, and what the parts that have changed since then were. */
  private shown: Moment = this.moment;
  private readonly changedParts: Map<string, Health | undefined> = new Map();
  private readonly origins: SharedOrigins = new SharedOrigins(() => super.changed());

  constructor(
    sources: ReadonlyMap<string, Observable<Health>>,
    settings: NodeSettings,
    /** Where they are not the worst of the required ones, and at most degraded by the others. */
    private readonly combine?: (components: Components) => Whole,
  ) {
    super(settings);
    for (const [key, source] of sources) this.put(key, source);
  }

  /** Every part has said how it is. */
  get isComplete(): boolean {
    return this.unknown === 0;
  }

  /** Adds a part. */
  set(key: string, source: Observable<Health>): void {
    const part = this.put(key, source);
    if (!this.running) return;
    this.apart(() => this.listenTo(part));
    this.changed();
  }

  delete(key: string): void {
    const part = this.parts.get(key);
    if (part === undefined) return;
    part.subscription.unsubscribe();
    this.changing(key);
    this.count(part.health, -1);
    this.parts.delete(key);
    if (this.running) this.changed();
  }

  private put(key: string, source: Observable<Health>): Part {
    const part = { key, source, health: this.untold(key), subscription: Subscription.EMPTY };
    const before = this.parts.get(key);
    this.changing(key);
    this.parts.set(key, part);
    if (before !== undefined) this.count(before.health, -1);
    this.count(part.health, 1);
    return part;
  }

  private become(part: Part, health: Health): void {
    this.changing(part.key);
    this.count(part.health, -1);
    this.count((part.health = health), 1);
  }

  /** Before the part of this key does. */
  private changing(key: string): void {
    if (!this.changedParts.has(key)) this.changedParts.set(key, this.parts.get(key)?.health);
    this.moment = this.moment.next(key);
  }

  private count(health: Health, by: 1 | -1): void {
    this.shares[shareOf(health)] += by;
    if (health.status === 'unknown') this.unknown += by;
  }

  /** The present moment, which is the one that was read last where nothing is different any more. */
  private present(): Moment {
    const { changedParts, parts } = this;
    for (const [key, before] of changedParts) {
      const now = parts.get(key)?.health;
      if (now === before || (now !== undefined && before !== undefined && sameWhole(now, before))) changedParts.delete(key);
    }
    if (changedParts.size > 0) this.shown = this.moment;
    else this.moment = this.shown;
    changedParts.clear();
    return this.shown;
  }

  /** Whether it matters is not known either: until a part has spoken the whole cannot be said to be well. */
  private untold(key: string): Health {
    return { name: key, status: 'unknown', required: true, since: this.scheduler.now(), details: {} };
  }

  protected override reading(): Reading {
    const components = this.present();
    const whole: Whole = this.combine?.(components.components) ?? { status: this.worst };
    // Of what nobody saw begin, the parts know.
    const unseen = this.status === undefined || this.status === 'unknown';
    const since = unseen ? () => sinceOf(whole.status, Array.from(this.parts.values(), ({ health }) => health)) : undefined;
    return { ...whole, details: {}, components, since };
  }

  private get worst(): HealthStatus {
    return worstOf((Object.keys(this.shares) as HealthStatus[]).filter((status) => this.shares[status] > 0));
  }

  protected override start(): void {
    this.status = undefined;
    for (const part of this.parts.values()) this.become(part, this.untold(part.key));
    this.listen();
  }

  protected listen(): void {
    const parts = [...this.parts.values()];
    this.origins.follow(parts.map(({ source }) => source), () => {
      for (const part of parts) this.listenTo(part);
    });
  }

  protected override stop(): void {
    this.origins.leave();
    for (const { subscription } of this.parts.values()) subscription.unsubscribe();
  }

  protected override changed(): void {
    if (!this.origins.holdBack()) super.changed();
  }

  /** Asks those again that have said all they had to say; what they said holds until they say something else. */
  protected askAgain(): void {
    for (const part of this.parts.values()) if (part.subscription.closed) this.listenTo(part);
  }

  private listenTo(part: Part): void {
    const subscription = (part.subscription = new Subscription());
    const take = (health: Health): void => {
      if (subscription.closed) return;
      this.heard();
      if (!sameWhole(part.health, health)) this.become(part, health);
      this.changed();
    };
    subscription.add(
      part.source.subscribe({
        next: (health) => take(readHealth(part.key, health, this.scheduler.now())),
        error: (error: unknown) => {
          take(this.failed(part.health, error));
          subscription.unsubscribe();
        },
        // What it said last holds.
        complete: () => subscription.unsubscribe(),
      }),
    );
  }

  private failed({ name, required, status, since }: Health, error: unknown): Health {
    const from = status === 'down' ? since : this.scheduler.now();
    return { name, status: 'down', required, since: from, details: { reason: 'error' }, error };
  }
}

/** The oldest reason for it; of a whole that is up, when the last of its parts has come up. */
function sinceOf(status: HealthStatus, healths: readonly Health[]): number | undefined {
  if (healths.length === 0) return undefined;
  if (status === 'up') return Math.max(...healths.map(({ since }) => since));
  const reasons = healths.filter((health) => shareOf(health) === status || health.status === status);
  return Math.min(...reasons.map(({ since }) => since));
}
