import { type HealthStatus, sameEntries } from '../core/health.js';
import { calmAt, type Damping, flapped, type Flaps, heldAt, noFlaps } from './flap-damping.js';
import { judge, type Steadiness, type Verdict } from './hysteresis.js';
import type { Result } from './probe-result.js';

/** What a check makes of its results. */
export interface CheckRules extends Steadiness, Damping {
  /** Milliseconds after which a result says nothing any more. */
  readonly staleAfter: number;
}

/** What is known after at least one result. */
export interface CheckState {
  readonly verdict: Verdict;
  readonly flaps: Flaps;
  /** The latest result of each status. */
  readonly results: Readonly<Partial<Record<HealthStatus, Result>>>;
  readonly latest: Result;
  /** When that came. */
  readonly at: number;
}

/** What a check shows at some time. */
export interface CheckView {
  readonly status: HealthStatus;
  readonly details: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
  /** When it changed to this by itself, without a result. */
  readonly changedAt?: number;
}

/** The state after a result that came at `now`. What was stale is forgotten: the result decides at once. */
export function afterResult(before: CheckState | undefined, result: Result, now: number, rules: CheckRules): CheckState {
  if (before === undefined || now >= staleAt(before, rules)) {
    return { verdict: judge(undefined, result.status, rules), flaps: noFlaps, results: { [result.status]: result }, latest: result, at: now };
  }
  const verdict = judge(before.verdict, result.status, rules);
  const [from, to] = [before.verdict.status, verdict.status];
  const flaps = from === to ? before.flaps : flapped(before.flaps, from, to, now, rules);
  const latest = repeats(before.latest, result) ? before.latest : result;
  return { verdict, flaps, results: { ...before.results, [result.status]: latest }, latest, at: now };
}

/** A result that says nothing new: the error that is shown is the one that it began with. */
function repeats(before: Result, { status, details }: Result): boolean {
  return before.status === status && sameEntries(before.details, details);
}

const staleAt = ({ at }: CheckState, { staleAfter }: CheckRules): number => at + staleAfter;

export function viewAt(state: CheckState | undefined, now: number, rules: CheckRules): CheckView {
  if (state === undefined) return { status: 'unknown', details: {} };
  const stale = staleAt(state, rules);
  if (now >= stale) return { status: 'unknown', details: { stale: true }, changedAt: stale };
  const { flaps, results, verdict } = state;
  const held = heldAt(flaps, now, rules);
  if (held !== undefined) {
    const { details, error } = results[held]!;
    return { status: held, details: { ...details, flapping: true }, error };
  }
  const { details, error } = results[verdict.status]!;
  const changedAt = calmAt(flaps, rules);
  return { status: verdict.status, details, error, ...(changedAt !== undefined && { changedAt }) };
}

/** When the view changes without a result. */
export function changesAt(state: CheckState | undefined, now: number, rules: CheckRules): number {
  if (state === undefined) return Infinity;
  const times = [staleAt(state, rules), calmAt(state.flaps, rules) ?? Infinity];
  return Math.min(...times.map((at) => (at > now ? at : Infinity)));
}
