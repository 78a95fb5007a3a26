import { constant } from '../src/core/backoff.js';
import type { RetryBudget } from '../src/core/retry-budget.js';
import type { ExhaustedReason, RetryMetrics } from '../src/retry/retry-events.js';
import type { BackoffStrategy, RetryOptions } from '../src/retry/retry-options.js';
import { type RetryPolicy, retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { type Picture, scenario, type Scenario } from './scenario.js';

/** The counters of why calls were given up. */
export function exhausted(counts: Partial<Record<ExhaustedReason, number>> = {}): Pick<RetryMetrics, 'exhausted'> {
  return { exhausted: { attempts: 0, budget: 0, deadline: 0, strategy: 0, retryAfter: 0, ...counts } };
}

/** Always the same delay, and no budget unless one is given. */
export const every = (ms: number, options: RetryOptions = {}) => (): Readonly<Record<'retry', RetryPolicy>> => ({
  retry: retryWithBackoff({ budget: false, ...options, backoff: constant(ms) }),
});

interface Failing {
  readonly title: string;
  readonly backoff?: BackoffStrategy;
  /** Without a budget and without chance, unless they say otherwise. */
  readonly options?: RetryOptions;
  /** Made anew for each run. */
  readonly budget?: () => RetryBudget;
  readonly fails?: unknown;
  readonly error?: unknown;
  /** The frames of the tries after the first, at 0; with the last one it ends. */
  readonly again: readonly number[];
  readonly metrics?: Readonly<Record<string, unknown>>;
}

/** A call that always fails at once. */
export function failing({ title, backoff, budget, options, again, error, metrics, ...rest }: Failing): Scenario {
  const picture: Picture = { call: '^', sees: `${again.at(-1) ?? 0}ms #`, ...(error !== undefined && { error }) };
  return scenario({
    title,
    policies: () => ({
      retry: retryWithBackoff({ budget: budget?.() ?? false, random: () => 0, ...options, ...(backoff !== undefined && { backoff }) }),
    }),
    source: '#',
    ...('fails' in rest && { fails: rest.fails }),
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [picture],
    subscriptions: [0, ...again].map((frame) => `${frame}ms (^!)`),
    ...(metrics !== undefined && { metrics: { retry: metrics } }),
  });
}
