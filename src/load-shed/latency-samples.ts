import type { ConcurrencyLimit, LimitSampler } from '../core/concurrency-limit.js';
import type { Ending } from '../core/ending.js';
import { loadSampleOf } from '../core/load-sample.js';
import type { Call } from '../operator/call.js';
import type { ShedTicket } from './shed-ticket.js';

/** What one policy tells the limit of its shedder. */
export class LatencySamples {
  /** Whether the limit wants to know. */
  readonly wanted: boolean;
  private sampler: LimitSampler;

  constructor(private readonly limiter: ConcurrencyLimit) {
    this.wanted = limiter.sampled;
    this.sampler = limiter.sampler();
  }

  /** Begins with a new baseline. */
  reset(): void {
    this.sampler = this.limiter.sampler();
  }

  /**
   * A call has ended. What was queued, retried or answered by a fallback further in says nothing.
   *
   * @param inFlight calls in flight as it ended, itself included
   */
  take(call: Call, at: number, ticket: ShedTicket, ending: Ending, error: unknown, inFlight: number, now: number): void {
    if (call.isParked(at) || call.isDisturbed(at)) return;
    const { latency, start } = ticket;
    const ran = now - start;
    const sample = loadSampleOf(ending, error, call.hasSeen(at), ran);
    if (sample === 'dropped') this.sampler.dropped(inFlight, now);
    else if (sample === 'latency') this.sampler.record(latency === latency ? latency : ran, inFlight, now);
  }
}
