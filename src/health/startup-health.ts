import { type Observable, Subscription } from 'rxjs';
import type { Health } from '../core/health.js';
import { momentOf } from './components.js';
import { HealthNode, type NodeSettings, type Reading } from './health-node.js';

/** Follows a health until it is up or degraded once, and stays with that. */
export class StartupHealth extends HealthNode {
  private last: Reading = { status: 'unknown', details: {} };
  private subscription: Subscription = Subscription.EMPTY;
  private passed = false;

  constructor(
    private readonly source: Observable<Health>,
    settings: NodeSettings,
  ) {
    super(settings);
  }

  get hasPassed(): boolean {
    return this.passed;
  }

  protected override reading(): Reading {
    return this.last;
  }

  protected override start(): void {
    if (this.passed) return;
    const subscription = (this.subscription = new Subscription());
    subscription.add(
      this.source.subscribe((health) => {
        if (this.passed) return;
        this.heard();
        const { status, details, since } = health;
        this.passed = status === 'up' || status === 'degraded';
        this.last = { status, details, since, components: momentOf(health) };
        if (this.passed) subscription.unsubscribe();
        this.changed();
      }),
    );
  }

  protected override stop(): void {
    this.subscription.unsubscribe();
  }
}
