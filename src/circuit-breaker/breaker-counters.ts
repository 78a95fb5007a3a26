import type { Outcome } from '../core/outcome.js';
import type { BreakerMetrics } from './breaker-events.js';

/** Cumulative; `calls` is always the sum of how calls ended and of those that run. */
export class BreakerCounters {
  calls = 0;
  refused = 0;
  private successes = 0;
  private failures = 0;
  private slow = 0;
  private ignored = 0;
  private abandoned = 0;
  private late = 0;

  note(outcome: Outcome | 'late', slow: boolean): void {
    switch (outcome) {
      case 'success':
        this.successes++;
        break;
      case 'failure':
        this.failures++;
        break;
      case 'ignored':
        this.ignored++;
        return;
      case 'abandoned':
        this.abandoned++;
        return;
      case 'late':
        this.late++;
        return;
    }
    if (slow) this.slow++;
  }

  read(): Omit<BreakerMetrics, 'opened' | 'rate'> {
    const { calls, successes, failures, slow, ignored, abandoned, late, refused } = this;
    return { calls, successes, failures, slow, ignored, abandoned, late, refused };
  }

  reset(): void {
    const { abandoned, calls, failures, ignored, late, refused, successes } = this;
    this.calls = calls - successes - failures - ignored - abandoned - late - refused;
    this.successes = this.failures = this.slow = this.ignored = this.abandoned = this.late = this.refused = 0;
  }
}
