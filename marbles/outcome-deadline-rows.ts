import { defer, map, Observable } from 'rxjs';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { runInContext } from '../src/operator/context.js';
import { Deadline } from '../src/operator/deadline.js';
import { behind, type Row } from './outcome-rows.js';
import { errorWith } from './scenario.js';

const expired = errorWith({ code: 'DEADLINE_EXCEEDED', started: true });

/** As the call of a request that came with a deadline from another process. */
function under(ms: number, source: Observable<unknown>): Observable<unknown> {
  return new Observable((subscriber) =>
    runInContext({ deadline: Deadline.after(ms) }, () => source.subscribe(subscriber)),
  );
}

const cut = { source: '----', sees: '----------#', error: expired, subscription: '^---------!', at: 10 } as const;
const cutAfterAValue = { ...cut, source: '-a--', sees: '-a--------#' } as const;

/** Deadlines further in and further out than the breaker. */
export const outcomeDeadlineRows: readonly Row[] = [
  ...(
    [
      ['of its own', {}, 'failure'],
      ['when hungAfter has just passed', { hungAfter: 10 }, 'failure'],
      ['a millisecond before hungAfter', { hungAfter: 11 }, 'ignored'],
      ['with hungAfter of 0', { hungAfter: 0 }, 'failure'],
    ] as const
  ).flatMap(([title, options, is]): readonly Row[] => [
    { ...cut, ends: `a deadline further out, ${title}`, is, options, pipe: (s, breaker) => s.pipe(breaker, withDeadline(10)) },
    { ...cut, ends: `a deadline further in, ${title}`, is, options, pipe: (s, breaker) => s.pipe(withDeadline(10), breaker) },
    {
      ...cut,
      ends: `a deadline further out behind a foreign operator, ${title}`,
      is,
      options,
      pipe: (s, breaker) => s.pipe(breaker, map(String), withDeadline(10)),
    },
    {
      ...cut,
      ends: `a deadline further in behind a foreign operator, ${title}`,
      is,
      options,
      pipe: (s, breaker) => s.pipe(withDeadline(10), map(String), breaker),
    },
    {
      ...cutAfterAValue,
      ends: `a deadline further out after a value, ${title}`,
      is,
      options,
      pipe: (s, breaker) => s.pipe(breaker, withDeadline(10)),
    },
    {
      ...cutAfterAValue,
      ends: `a deadline further in after a value, ${title}`,
      is,
      options,
      pipe: (s, breaker) => s.pipe(withDeadline(10), breaker),
    },
  ]),
  ...(
    [
      [5, 'half of its time', 'failure'],
      [6, 'less than half of its time', 'ignored'],
    ] as const
  ).map(
    ([wait, left, is]): Row => ({
      ends: `a deadline further out that left it ${left}`,
      is,
      source: '----',
      sees: '----------#',
      error: expired,
      subscription: `${wait}ms ^${'-'.repeat(9 - wait)}!`,
      at: 10,
      admitted: wait,
      pipe: (source, breaker) => behind(wait, (pool) => source.pipe(breaker, pool)).pipe(withDeadline(10)),
    }),
  ),
  ...(
    [
      [2_000, 'a second', 'failure'],
      [2_001, 'less than a second', 'ignored'],
    ] as const
  ).map(
    ([wait, left, is]): Row => ({
      ends: `a deadline of three seconds further out that left it ${left}`,
      is,
      source: '----',
      sees: '3s #',
      error: expired,
      subscription: `${wait}ms ^ ${2_999 - wait}ms !`,
      at: 3_000,
      admitted: wait,
      pipe: (source, breaker) => behind(wait, (pool) => source.pipe(breaker, pool)).pipe(withDeadline(3_000)),
    }),
  ),
  {
    ...cut,
    ends: 'a received deadline, which says nothing of what was a fair time',
    is: 'ignored',
    pipe: (source, breaker) => under(10, source.pipe(breaker, withDeadline())),
  },
  {
    ...cut,
    ends: 'a received deadline that left a fair time by hungAfter',
    is: 'failure',
    options: { hungAfter: 10 },
    pipe: (source, breaker) => under(10, source.pipe(breaker, withDeadline())),
  },
  {
    ...cut,
    ends: 'a Deadline object',
    is: 'ignored',
    pipe: (source, breaker) => defer(() => source.pipe(breaker, withDeadline(Deadline.after(10)))),
  },
  {
    ...cut,
    ends: 'a share of the deadline of the context',
    is: 'ignored',
    pipe: (source, breaker) => source.pipe(breaker, withDeadline({ share: 0.5 }), withDeadline(20)),
  },
  {
    ...cut,
    ends: 'what a reserve leaves of the deadline of the context',
    is: 'ignored',
    pipe: (source, breaker) => source.pipe(breaker, withDeadline({ reserve: 10 }), withDeadline(20)),
  },
  {
    ...cut,
    ends: 'a deadline of its own that the one received has shortened to less than half',
    is: 'ignored',
    pipe: (source, breaker) => under(10, source.pipe(breaker, withDeadline(21))),
  },
  {
    ...cut,
    ends: 'a deadline further in that the one received has shortened to half',
    is: 'failure',
    pipe: (source, breaker) => under(10, source.pipe(withDeadline(20), breaker)),
  },
  {
    ends: 'a deadline to the first value that has come in time',
    is: 'success',
    source: '       --a----------|',
    sees: '         --a----------|',
    subscription: ' ^------------!',
    at: 13,
    pipe: (source, breaker) => source.pipe(breaker, withDeadline({ within: 10, until: 'firstValue' })),
  },
];
