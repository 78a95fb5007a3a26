import { catchError, type MonoTypeOperatorFunction, throwError } from 'rxjs';
import type { CircuitBreakerOptions } from '../src/circuit-breaker/breaker-options.js';
import { type CircuitBreaker, circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { errorWith, type Picture, scenario, type Scenario } from './scenario.js';

/** A call of a plan: when it comes, and what becomes of it. */
export interface Step {
  readonly at: number;
  /** The cold marble of its source; undefined where it is refused. */
  readonly source: string | undefined;
  readonly sees: string;
  /** Frames from its beginning at which the source is left. */
  readonly until: number;
  readonly error?: unknown;
  /** Done instead of a call. */
  readonly does?: (breaker: CircuitBreaker) => void;
}

/** Answers, and ends in the same frame. */
export const ok = (at: number): Step => ({ at, source: '(a|)', sees: '(a|)', until: 0 });
/** Fails in the same frame. */
export const fails = (at: number, error?: unknown): Step => ({ at, source: '#', sees: '#', until: 0, error });
/** Takes some time, which its marble tells. */
export const runs = (at: number, source: string, until: number = source.length - 1): Step => ({ at, source, sees: source, until });
/** Is refused, for this reason and with this hint. */
export const refused = (at: number, reason: string, retryAfter: number | undefined): Step => ({
  at,
  source: undefined,
  sees: '#',
  until: 0,
  error: errorWith({ code: 'CIRCUIT_OPEN', reason, retryAfter }),
});
/** Something is done to the breaker. */
export const does = (at: number, work: (breaker: CircuitBreaker) => void): Step => ({
  at,
  source: undefined,
  sees: '|',
  until: 0,
  does: work,
});

/** A marble of what is there from which frame on; times in ascending order, none twice. */
export function from(...changes: readonly (readonly [frame: number, symbol: string])[]): string {
  let next = 0;
  return changes
    .map(([frame, symbol]) => {
      const part = `${frame > next ? `${frame - next}ms ` : ''}${symbol}`;
      // What is in a group has a frame for each of its letters, though all of it happens in the first.
      next = frame + symbol.length;
      return part;
    })
    .join(' ');
}

interface Plan {
  readonly title: string;
  readonly options: CircuitBreakerOptions;
  /** In the order of time. */
  readonly steps: readonly Step[];
  readonly states?: string;
  readonly health?: string;
  readonly metrics?: Readonly<Record<string, unknown>>;
}

const failingWith = (error: unknown): MonoTypeOperatorFunction<unknown> => catchError(() => throwError(() => error));

/** A scenario of one breaker and a row of calls to it. */
export function plan({ title, options, steps, states, health, metrics }: Plan): Scenario {
  const made = steps.filter(({ source }) => source !== undefined);
  return scenario({
    title,
    policies: () => ({ breaker: circuitBreaker(options) }),
    source: made.length === 0 ? '-' : made.map(({ source }) => source!),
    pipe: (source, { breaker }, { cold, index }) => {
      const { does: work, error, source: marble } = steps[index]!;
      if (work !== undefined) {
        work(breaker);
        return cold('|');
      }
      // A cold source that is counted and fails with an error of its own.
      return marble === '#' && error !== undefined ? source.pipe(failingWith(error), breaker) : source.pipe(breaker);
    },
    calls: steps.map(({ at, error, sees }): Picture => ({
      call: `${at}ms ^`,
      sees: `${at}ms ${sees}`,
      ...(error !== undefined && { error }),
    })),
    subscriptions: made.map(({ at, until }) => `${at}ms ${until === 0 ? '(^!)' : `^${until > 1 ? ` ${until - 1}ms ` : ''}!`}`),
    ...(states !== undefined && { states: { breaker: states } }),
    ...(health !== undefined && { health: { breaker: health } }),
    ...(metrics !== undefined && { metrics: { breaker: metrics } }),
  });
}
