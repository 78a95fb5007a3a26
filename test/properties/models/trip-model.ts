import { anyOf, consecutiveFailures, failureCount, failureRate, slowCallRate } from '../../../src/core/trip.js';
import type { TripRule } from '../../../src/core/trip-state.js';
import { type ModelWindow, within } from './window-model.js';

/** A counted outcome. */
export interface Recorded {
  readonly at: number;
  readonly failed: boolean;
  /** Milliseconds. */
  readonly ran: number;
}

/** A rule, as data. */
export type ModelRule =
  | { readonly kind: 'consecutive'; readonly failures: number; readonly over: number }
  | { readonly kind: 'count'; readonly failures: number; readonly window: ModelWindow }
  | { readonly kind: 'rate'; readonly threshold: number; readonly minimum: number; readonly window: ModelWindow }
  | { readonly kind: 'slow'; readonly threshold: number; readonly minimum: number; readonly slowerThan: number; readonly window: ModelWindow }
  | { readonly kind: 'any'; readonly rules: readonly ModelRule[] };

/** Whether the circuit opens now, by everything that was counted since it was last closed. */
export function trips(rule: ModelRule, all: readonly Recorded[], now: number): boolean {
  switch (rule.kind) {
    case 'any':
      return rule.rules.some((part) => trips(part, all, now));
    case 'consecutive': {
      const row = all.slice(all.findLastIndex(({ failed }) => !failed) + 1);
      return row.length >= rule.failures && now - row[0]!.at >= rule.over;
    }
    case 'count':
      return within(rule.window, all, now).filter(({ failed }) => failed).length >= rule.failures;
    default:
      return (rateOf(rule, all, now) ?? 0) >= rule.threshold;
  }
}

/** Of the first rule about a rate. */
export function rateOf(rule: ModelRule, all: readonly Recorded[], now: number): number | undefined {
  if (rule.kind === 'any') {
    const first = rule.rules.find(({ kind }) => kind === 'rate' || kind === 'slow');
    return first && rateOf(first, all, now);
  }
  if (rule.kind !== 'rate' && rule.kind !== 'slow') return undefined;
  const calls = within(rule.window, all, now);
  const bad = calls.filter(({ failed, ran }) => (rule.kind === 'rate' ? failed : ran >= rule.slowerThan));
  return calls.length < rule.minimum ? undefined : bad.length / calls.length;
}

/** A call that ran for this long is slow for one of the rules. */
export function slowFrom(rule: ModelRule): number {
  if (rule.kind === 'any') return Math.min(...rule.rules.map(slowFrom));
  return rule.kind === 'slow' ? rule.slowerThan : Infinity;
}

/** The rule itself. */
export function ruleOf(rule: ModelRule): TripRule {
  switch (rule.kind) {
    case 'any':
      return anyOf(...rule.rules.map(ruleOf));
    case 'consecutive':
      return consecutiveFailures(rule.failures, { over: rule.over });
    case 'count':
      return failureCount({ failures: rule.failures, window: rule.window });
    case 'rate':
      return failureRate({ threshold: rule.threshold, minimumCalls: rule.minimum, window: rule.window });
    case 'slow':
      return slowCallRate({ threshold: rule.threshold, minimumCalls: rule.minimum, slowerThan: rule.slowerThan, window: rule.window });
  }
}
