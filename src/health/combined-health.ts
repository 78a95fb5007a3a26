import { type Observable, Subscription } from 'rxjs';
import { type Health, type HealthStatus, sameHealth, shareOf, worstOf } from '../core/health.js';
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

export type Components = Readonly<Record<string, Health>>;

/** What parts make together. */
export type Whole = Pick<Reading, 'status' | 'required' | 'error'>;

/** The worst of the required ones; the others degrade it at most. */
function worstOfRequired(components: Components): Whole {
  return { status: worstOf(Object.values(components).map(shareOf)) };
}

/** Parts as one health. They are subscribed while somebody listens, once for all. */
export class CombinedHealth extends HealthNode {
  private readonly parts: Map<string, Part> = new Map();
  private readonly origins: SharedOrigins = new SharedOrigins(() => super.changed());

  constructor(
    sources: ReadonlyMap<string, Observable<Health>>,
    settings: NodeSettings,
    private readonly combine: (components: Components) => Whole = worstOfRequired,
  ) {
    super(settings);
    for (const [key, source] of sources) this.parts.set(key, this.partOf(key, source));
  }

  /** Adds a part. */
  set(key: string, source: Observable<Health>): void {
    const part = this.partOf(key, source);
    this.parts.set(key, part);
    if (!this.running) return;
    this.apart(() => this.listenTo(part));
    this.changed();
  }

  delete(key: string): void {
    this.parts.get(key)?.subscription.unsubscribe();
    if (this.parts.delete(key) && this.running) this.changed();
  }

  private partOf(key: string, source: Observable<Health>): Part {
    return { key, source, health: this.untold(key), subscription: Subscription.EMPTY };
  }

  /** Whether it matters is not known either: until a part has spoken the whole cannot be said to be well. */
  private untold(key: string): Health {
    return { name: key, status: 'unknown', required: true, since: this.scheduler.now(), details: {} };
  }

  protected override reading(): Reading {
    const components = Object.fromEntries([...this.parts.values()].map(({ key, health }) => [key, health]));
    const whole = this.combine(components);
    // Of what nobody saw begin, the parts know.
    const unseen = this.status === undefined || this.status === 'unknown';
    return { ...whole, details: {}, components, since: unseen ? sinceOf(whole.status, Object.values(components)) : undefined };
  }

  protected override start(): void {
    this.status = undefined;
    const parts = [...this.parts.values()];
    for (const part of parts) part.health = this.untold(part.key);
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
      if (!sameHealth(part.health, health)) part.health = health;
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
