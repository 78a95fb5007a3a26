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

/** Parts as one health. */
export class CombinedHealth extends HealthNode {
  private readonly parts: readonly Part[];
  private readonly origins: SharedOrigins;

  constructor(sources: ReadonlyMap<string, Observable<Health>>, settings: NodeSettings) {
    super(settings);
    this.parts = [...sources].map(([key, source]) => {
      return { key, source, health: this.untold(key), subscription: Subscription.EMPTY };
    });
    this.origins = new SharedOrigins([...sources.values()], () => super.changed());
  }

  /** Whether it matters is not known either: until a part has spoken the whole cannot be said to be well. */
  private untold(key: string): Health {
    return { name: key, status: 'unknown', required: true, since: this.scheduler.now(), details: {} };
  }

  protected override reading(): Reading {
    const healths = this.parts.map(({ health }) => health);
    const status = worstOf(healths.map(shareOf));
    const components = Object.fromEntries(this.parts.map(({ key, health }) => [key, health]));
    // Of what nobody saw begin, the parts know.
    const unseen = this.status === undefined || this.status === 'unknown';
    return { status, details: {}, components, since: unseen ? sinceOf(status, healths) : undefined };
  }

  protected override start(): void {
    this.status = undefined;
    for (const part of this.parts) part.health = this.untold(part.key);
    this.origins.follow(() => {
      for (const part of this.parts) this.listenTo(part);
    });
  }

  protected override stop(): void {
    this.origins.leave();
    for (const { subscription } of this.parts) subscription.unsubscribe();
  }

  protected override changed(): void {
    if (!this.origins.holdBack()) super.changed();
  }

  /** Asks those again that have said all they had to say; what they said holds until they say something else. */
  protected askAgain(): void {
    for (const part of this.parts) if (part.subscription.closed) this.listenTo(part);
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
  return Math.min(...healths.filter((health) => shareOf(health) === status).map(({ since }) => since));
}
