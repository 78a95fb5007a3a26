import type { LimitSampler } from '../core/concurrency-limit.js';
import type { Ending } from '../core/ending.js';
import { loadSampleOf } from '../core/load-sample.js';
import type { Call } from '../operator/call.js';
import type { ShedTicket } from './shed-ticket.js';

/**
 * Tells the limit how a call went. What was queued, retried or answered by a fallback further in says nothing.
 *
 * @param inFlight calls in flight as it ended, itself included
 */
export function takeSample(
  sampler: LimitSampler,
  call: Call,
  at: number,
  { latency, start }: ShedTicket,
  ending: Ending,
  error: unknown,
  inFlight: number,
  now: number,
): void {
  if (call.isParked(at) || call.isDisturbed(at)) return;
  const ran = now - start;
  const sample = loadSampleOf(ending, error, call.hasSeen(at), ran);
  if (sample === 'dropped') sampler.dropped(inFlight, now);
  else if (sample === 'latency') sampler.record(Number.isNaN(latency) ? ran : latency, inFlight, now);
}
