import type { PolicyView } from '../../stream-messages.js';
import type { Amounts } from './ring.js';

type Metrics = PolicyView['metrics'];

/** A figure of `metrics()`, whatever came in its place. */
export function figure(metrics: Metrics, name: string): number | undefined {
  const value = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

const one = (metrics: Metrics, name: string): number => figure(metrics, name) ?? 0;

/** Of figures by reason or priority. */
function sum(metrics: Metrics, name: string): number {
  const parts = metrics[name];
  if (typeof parts !== 'object' || parts === null) return one(metrics, name);
  return Object.values(parts).reduce<number>((all, value) => all + (Number.isFinite(value) ? (value as number) : 0), 0);
}

interface Reading {
  /** What `bad` and `other` are called, for this kind. */
  readonly bad?: string;
  readonly other?: string;
  readonly read: (metrics: Metrics) => readonly [bad: number, other: number];
}

const readings: Readonly<Record<PolicyView['kind'], Reading>> = {
  circuitBreaker: { bad: 'failed', other: 'refused', read: (m) => [one(m, 'failures'), one(m, 'refused')] },
  retry: { bad: 'given up', other: 'retried', read: (m) => [sum(m, 'exhausted'), one(m, 'retries')] },
  bulkhead: { other: 'refused', read: (m) => [0, sum(m, 'refused')] },
  deadline: { bad: 'expired', other: 'too late', read: (m) => [one(m, 'expired'), one(m, 'expiredOnArrival')] },
  fallback: { bad: 'failed', other: 'fell back', read: (m) => [one(m, 'failed'), one(m, 'used')] },
  loadShed: { other: 'shed', read: (m) => [0, sum(m, 'shed')] },
};

const otherKind: Reading = { read: () => [0, 0] };

export function readingOf(kind: PolicyView['kind']): Reading {
  return readings[kind] ?? otherKind;
}

export function amountsOf({ kind, metrics }: PolicyView): Amounts {
  const [bad, other] = readingOf(kind).read(metrics);
  return { calls: one(metrics, 'calls'), bad, other };
}

/** What came since an earlier reading. Counters that are lower than before were reset in between. */
export function since(now: Amounts, before: Amounts): Amounts {
  if (now.calls < before.calls) return now;
  const grown = (a: number, b: number): number => (a < b ? a : a - b);
  return { calls: now.calls - before.calls, bad: grown(now.bad, before.bad), other: grown(now.other, before.other) };
}
