import { type Observable, Subscription } from 'rxjs';
import type { Health, HealthStatus } from '../core/health.js';
import { momentOf } from './components.js';
import { HealthNode, type NodeSettings, type Reading } from './health-node.js';
import type { StartupHealth } from './startup-health.js';

/** What is not looked at before startup has passed. */
export class GatedHealth extends HealthNode {
  private reached: Reading;
  private override: Reading | undefined = undefined;
  private subscription: Subscription = Subscription.EMPTY;

  constructor(
    private readonly source: Observable<Health>,
    private readonly startup: StartupHealth,
    /** What it is until then. */
    before: HealthStatus,
    settings: NodeSettings,
  ) {
    super(settings);
    this.reached = { status: before, details: { waitingFor: 'startup' } };
  }

  /** Whatever its parts say, from now on. */
  settleOn(status: HealthStatus, details: Health['details']): void {
    this.override = { status, details, since: this.scheduler.now() };
    this.changed();
  }

  protected override reading(): Reading {
    const { override, reached } = this;
    return override === undefined ? reached : { ...override, components: reached.components };
  }

  protected override start(): void {
    // Since when is for its parts to say, which nobody has watched.
    if (this.startup.hasPassed) this.status = undefined;
    const subscription = (this.subscription = new Subscription());
    const waits = new Subscription();
    subscription.add(waits);
    const pass = (): void => {
      if (!this.startup.hasPassed || subscription.closed || waits.closed) return;
      waits.unsubscribe();
      subscription.add(this.source.subscribe((health) => this.follow(health)));
    };
    waits.add(
      this.startup.health$.subscribe(() => {
        this.heard();
        pass();
      }),
    );
  }

  protected override stop(): void {
    this.subscription.unsubscribe();
  }

  private follow(health: Health): void {
    this.heard();
    const { status, details, since } = health;
    this.reached = { status, details, since, components: momentOf(health) };
    this.changed();
  }
}
