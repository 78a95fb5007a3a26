import { type Observable, Subscription } from 'rxjs';
import type { Health } from '../core/health.js';
import { HealthNode, type NodeSettings, type Reading } from './health-node.js';
import { readHealth } from './health-source.js';
import { worstOf } from './health-status.js';

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

  constructor(sources: ReadonlyMap<string, Observable<Health>>, settings: NodeSettings) {
    super(settings);
    this.parts = [...sources].map(([key, source]) => {
      const subscription = Subscription.EMPTY;
      return { key, source, health: this.untold(key), subscription };
    });
  }

  /** Whether it matters is not known either: until a part has spoken the whole cannot be said to be well. */
  private untold(key: string): Health {
    return { name: key, status: 'unknown', required: true, since: this.scheduler.now(), details: {} };
  }

  protected override reading(): Reading {
    const healths = this.parts.map(({ health }) => health);
    return {
      status: worstOf(healths),
      details: {},
      components: Object.fromEntries(this.parts.map(({ key, health }) => [key, health])),
    };
  }

  protected override start(): void {
    for (const part of this.parts) part.health = this.untold(part.key);
    for (const part of this.parts) this.listenTo(part);
  }

  protected override stop(): void {
    for (const { subscription } of this.parts) subscription.unsubscribe();
  }

  /** Asks those again that have said all they had to say; what they said holds until they say something else. */
  protected askAgain(): void {
    for (const part of this.parts) if (part.subscription.closed) this.listenTo(part);
  }

  private listenTo(part: Part): void {
    const subscription = (part.subscription = new Subscription());
    const told = (health: Health): void => {
      if (part.subscription !== subscription) return;
      this.heard();
      part.health = health;
      this.changed();
    };
    subscription.add(
      part.source.subscribe({
        next: (health) => told(readHealth(part.key, health, this.scheduler.now())),
        error: (error: unknown) => {
          const { name, required, status, since } = part.health;
          told({ name, required, status: 'down', since: status === 'down' ? since : this.scheduler.now(), details: { reason: 'error' }, error });
          subscription.unsubscribe();
        },
        // What it said last holds.
        complete: () => subscription.unsubscribe(),
      }),
    );
  }
}
