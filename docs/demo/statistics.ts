import type { CallRecord, Ending } from './load.ts';
import type { Span } from './scenario.ts';

/** The smallest value that at least this share of the values does not exceed; undefined without a value. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Shares are from 0 to 1, latencies in milliseconds; undefined where there was no call. */
export interface Summary {
  readonly calls: number;
  /** Answers of the backend itself. */
  readonly success: number | undefined;
  /** The same with what a fallback answered. */
  readonly served: number | undefined;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

/** Of the calls that were due in a span of time. */
export function summarise(records: readonly CallRecord[], span: Span): Summary {
  const chosen = within(records, span);
  const latencies = chosen.map(({ latency }) => latency);
  return {
    calls: chosen.length,
    success: shareOf(chosen, ['answer']),
    served: shareOf(chosen, ['answer', 'fallback']),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

export function within(records: readonly CallRecord[], { from, to }: Span): CallRecord[] {
  return records.filter(({ at }) => at >= from && at < to);
}

export function shareOf(records: readonly CallRecord[], endings: readonly Ending[]): number | undefined {
  if (records.length === 0) return undefined;
  return records.filter(({ ending }) => endings.includes(ending)).length / records.length;
}

/** The shares of success of each slice of a span, the last one possibly shorter. */
export function successPer(records: readonly CallRecord[], { from, to }: Span, slice: number): (number | undefined)[] {
  const shares: (number | undefined)[] = [];
  for (let start = from; start < to; start += slice) {
    shares.push(shareOf(within(records, { from: start, to: Math.min(start + slice, to) }), ['answer']));
  }
  return shares;
}

/** What counts as recovered: this share of a second's calls is answered. */
export const recoveredFrom = 0.99;

/** Which second after the recovery of the backend is the first good one, from 1; undefined where none is. */
export function recoverySecond(records: readonly CallRecord[], after: Span): number | undefined {
  const seconds = successPer(records, after, 1_000);
  const found = seconds.findIndex((share) => share !== undefined && share >= recoveredFrom);
  return found < 0 ? undefined : found + 1;
}
