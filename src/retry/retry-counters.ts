import type { ExhaustedReason, RetryMetrics } from './retry-events.js';
import type { RetryCall } from './retry-call.js';

type Exhausted = Record<ExhaustedReason, number>;

const nothingExhausted = (): Exhausted => ({ attempts: 0, budget: 0, deadline: 0, strategy: 0, retryAfter: 0 });

/** What has come of the calls since the last reset; a call that began before it is not counted any more. */
export class RetryCounters {
  /** Changes with each reset. */
  generation = 0;
  private retries = 0;
  private recovered = 0;
  private exhausted: Exhausted = nothingExhausted();

  /** A try follows, or (-1) one that was announced does not. */
  countRetry(call: RetryCall, by: 1 | -1 = 1): void {
    if (call.generation === this.generation) this.retries += by;
  }

  countRecovered(call: RetryCall): void {
    if (call.generation === this.generation) this.recovered++;
  }

  countExhausted(call: RetryCall, reason: ExhaustedReason): void {
    if (call.generation === this.generation) this.exhausted[reason]++;
  }

  metrics(calls: number, budgetLeft: number): RetryMetrics {
    const { retries, recovered, exhausted } = this;
    return { calls, tries: calls + retries, retries, recovered, exhausted: { ...exhausted }, budgetLeft };
  }

  reset(): void {
    this.generation++;
    this.retries = this.recovered = 0;
    this.exhausted = nothingExhausted();
  }
}
