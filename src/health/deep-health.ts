import type { Observable } from 'rxjs';
import type { Health } from '../core/health.js';
import { CombinedHealth } from './combined-health.js';
import type { NodeSettings } from './health-node.js';

/**
 * Parts as one health that nobody can make ask them more often than `every`: once it has begun it listens to them for
 * that long, whoever comes and goes.
 */
export class DeepHealth extends CombinedHealth {
  constructor(
    sources: ReadonlyMap<string, Observable<Health>>,
    private readonly every: number,
    settings: NodeSettings,
  ) {
    super(sources, settings);
  }

  protected override start(): void {
    super.start();
    this.linger(this.every);
  }

  protected override lingered(): void {
    super.lingered();
    if (!this.isObserved) return;
    this.linger(this.every);
    this.apart(() => this.askAgain());
  }
}
