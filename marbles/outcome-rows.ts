import { EMPTY, ignoreElements, merge, NEVER, type Observable, of, take, throwError, timer } from 'rxjs';
import { BulkheadFullError } from '../src/bulkhead/bulkhead-full-error.js';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import type { CircuitBreakerOptions } from '../src/circuit-breaker/breaker-options.js';
import { type CircuitBreaker, circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { down, errorWith } from './scenario.js';

export type Kind = 'success' | 'failure' | 'ignored' | 'abandoned';

/** One way in which a call ends, and what a breaker makes of it. */
export interface Row {
  readonly ends: string;
  readonly is: Kind;
  readonly source?: string;
  readonly fails?: unknown;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly call?: string;
  readonly sees: string;
  readonly error?: unknown;
  readonly subscription?: string;
  /** The frame, counted from its start, at which it counts. */
  readonly at: number;
  /** The frame at which the breaker admits it. Default 0. */
  readonly admitted?: number;
  readonly options?: CircuitBreakerOptions;
  readonly pipe?: (source: Observable<unknown>, breaker: CircuitBreaker) => Observable<unknown>;
}

/** Something else occupies a pool for `ms`, `Infinity` being until all else is over, and the call of the row waits in it. */
export function behind(ms: number, wait: (pool: ReturnType<typeof bulkhead>) => Observable<unknown>): Observable<unknown> {
  const pool = bulkhead(1, 1);
  if (ms < Infinity) return merge(timer(ms).pipe(ignoreElements(), pool), wait(pool));
  timer(10_000).pipe(ignoreElements(), pool).subscribe();
  return wait(pool);
}

const completions: readonly Row[] = [
  { ends: 'completion after values', is: 'success', source: '-a-|', sees: '-a-|', subscription: '^--!', at: 3 },
  { ends: 'completion without a value', is: 'success', source: '--|', sees: '--|', subscription: '^-!', at: 2 },
  { ends: 'synchronous completion', is: 'success', sees: '(a|)', at: 0, pipe: (_, breaker) => of('a').pipe(breaker) },
  { ends: 'synchronous completion without a value', is: 'success', sees: '|', at: 0, pipe: (_, breaker) => EMPTY.pipe(breaker) },
];

const failureValues: readonly Row[] = [
  {
    ends: 'a value that is a failure, which is delivered and counts then and there',
    is: 'failure',
    source: '       --f--a|',
    sees: '         --f--a|',
    subscription: ' ^-----!',
    at: 2,
    options: { isFailureValue: (value) => value === 'f' },
  },
  {
    ends: 'a synchronous value that is a failure',
    is: 'failure',
    sees: '(fa|)',
    at: 0,
    options: { isFailureValue: (value) => value === 'f' },
    pipe: (_, breaker) => of('f', 'a').pipe(breaker),
  },
  {
    ends: 'a value that is a failure, after one that is none',
    is: 'failure',
    source: '       -a-f|',
    sees: '         -a-f|',
    subscription: ' ^---!',
    at: 3,
    options: { isFailureValue: (value) => value === 'f' },
  },
];

const errors: readonly Row[] = (
  [
    ['transient', down, 'failure'],
    ['permanent', { status: 404 }, 'success'],
    ['refused', new BulkheadFullError('inner', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 }), 'ignored'],
    ['aborted', new DOMException('left', 'AbortError'), 'ignored'],
    ['bug', new TypeError('x is not a function'), 'ignored'],
  ] as const
).flatMap(([name, fails, is]) => {
  return [
    { ends: `an error of class ${name}`, is, source: '-a-#', fails, sees: '-a-#', subscription: '^--!', at: 3 },
    {
      ends: `a synchronous error of class ${name}`,
      is,
      fails,
      sees: '#',
      at: 0,
      pipe: (_: unknown, breaker: CircuitBreaker) => throwError(() => fails).pipe(breaker),
    },
  ];
});

const refusals: readonly Row[] = [
  {
    ends: 'a refusal of a breaker further in',
    is: 'ignored',
    sees: '#',
    error: errorWith({ code: 'CIRCUIT_OPEN', reason: 'open' }),
    at: 0,
    pipe: (source, breaker) => source.pipe(circuitBreaker({ name: 'inner', initialState: 'open' }), breaker),
  },
  {
    ends: 'a full bulkhead further in',
    is: 'ignored',
    sees: '#',
    error: errorWith({ code: 'BULKHEAD_FULL', reason: 'full' }),
    at: 0,
    pipe: (source, breaker) => {
      const pool = bulkhead(1);
      return merge(NEVER.pipe(pool), source.pipe(pool, breaker));
    },
  },
  {
    ends: 'a deadline further in that never started',
    is: 'ignored',
    sees: '#',
    error: errorWith({ code: 'DEADLINE_EXCEEDED', started: false }),
    at: 0,
    pipe: (source, breaker) => source.pipe(withDeadline(0), breaker),
  },
];

const left: readonly Row[] = [
  {
    ends: 'a consumer that takes one value',
    is: 'success',
    source: '-a---',
    sees: '-(a|)',
    subscription: '^!',
    at: 1,
    pipe: (source, breaker) => source.pipe(breaker, take(1)),
  },
  {
    ends: 'a consumer that takes one value of a synchronous source',
    is: 'success',
    sees: '(a|)',
    at: 0,
    pipe: (_, breaker) => of('a', 'b').pipe(breaker, take(1)),
  },
  {
    ends: 'a consumer that leaves after a value',
    is: 'success',
    source: '-a---',
    call: '^--!',
    sees: '-a--',
    subscription: '^--!',
    at: 3,
  },
  {
    ends: 'a consumer that leaves after a value, long after hungAfter',
    is: 'success',
    source: '-a---',
    call: '^--!',
    sees: '-a--',
    subscription: '^--!',
    at: 3,
    options: { hungAfter: 1 },
  },
  { ends: 'a consumer that leaves without a value', is: 'abandoned', source: '-----', call: '^--!', sees: '----', subscription: '^--!', at: 3 },
  ...(
    [
      [3, 'when hungAfter has just passed', 'failure'],
      [4, 'a millisecond before hungAfter', 'abandoned'],
    ] as const
  ).map(
    ([hungAfter, title, is]): Row => ({
      ends: `a consumer that leaves without a value, ${title}`,
      is,
      source: '-----',
      call: '^--!',
      sees: '----',
      subscription: '^--!',
      at: 3,
      options: { hungAfter },
    }),
  ),
  {
    ends: 'a consumer that leaves after what counts as no value',
    is: 'abandoned',
    source: '-s---',
    call: '^--!',
    sees: '-s--',
    subscription: '^--!',
    at: 3,
    options: { isValue: (value) => value !== 's' },
  },
];

export const outcomeRows: readonly Row[] = [...completions, ...failureValues, ...errors, ...refusals, ...left];
