import type { Observable } from 'rxjs';
import type { Health } from '../core/health.js';
import { DueTimer } from '../operator/due-timer.js';
import { CombinedHealth } from './combined-health.js';
import type { NodeSettings } from './health-node.js';

/**
 * Parts as one health that nobody can make ask them more often than `every`: who comes sooner is shown what they said
 * last, until the time is over. A timer exists only while somebody listens.
 */
export class DeepHealth extends CombinedHealth {
  private readonly timer: DueTimer;
  /** When the parts may be asked next, by the clock. */
  private nextAt = -Infinity;
  private asking = false;

  constructor(
    sources: ReadonlyMap<string, Observable<Health>>,
    private readonly every: number,
    settings: NodeSettings,
  ) {
    super(sources, settings);
    this.timer = new DueTimer(this.clock, () => this.due());
  }

  protected override start(): void {
    const now = this.clock.now();
    if (now < this.nextAt) this.timer.set(this.nextAt);
    else {
      this.begin(now);
      super.start();
      // Who leaves before the answer does not make the next one wait for the time to be over.
      this.linger(this.every, () => this.isComplete);
    }
  }

  protected override stop(): void {
    this.asking = false;
    this.timer.clear();
    super.stop();
  }

  private begin(now: number): void {
    this.asking = true;
    this.nextAt = now + this.every;
    this.timer.set(this.nextAt);
  }

  private due(): void {
    const { asking } = this;
    this.begin(this.clock.now());
    this.apart(() => {
      if (asking) this.askAgain();
      else this.listen();
      this.changed();
    });
  }
}
