import { map, merge, NEVER } from 'rxjs';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { behind, type Row } from './outcome-rows.js';
import { errorWith } from './scenario.js';

const expired = errorWith({ code: 'DEADLINE_EXCEEDED', started: true });

/** Waits in the queue of a bulkhead further in than the breaker. */
export const outcomeWaitRows: readonly Row[] = [
  {
    ends: 'a consumer that leaves the queue of a bulkhead further in',
    is: 'ignored',
    call: '^--!',
    sees: '----',
    at: 3,
    options: { hungAfter: 1 },
    pipe: (source, breaker) => behind(Infinity, (pool) => source.pipe(pool, breaker)),
  },
  {
    ends: 'a deadline further out during a wait in a bulkhead further in',
    is: 'ignored',
    sees: '----------#',
    error: expired,
    at: 10,
    options: { hungAfter: 1 },
    pipe: (source, breaker) => behind(Infinity, (pool) => source.pipe(pool, breaker, withDeadline(10))),
  },
  {
    ends: 'a deadline further in during a wait in a bulkhead still further in',
    is: 'ignored',
    sees: '----------#',
    error: expired,
    at: 10,
    options: { hungAfter: 1 },
    pipe: (source, breaker) => behind(Infinity, (pool) => source.pipe(pool, withDeadline(10), breaker)),
  },
  {
    ends: 'a wait behind a foreign operator',
    is: 'ignored',
    sees: '----------#',
    error: expired,
    at: 10,
    options: { hungAfter: 1 },
    pipe: (source, breaker) => behind(Infinity, (pool) => source.pipe(pool, map(String), breaker, map(String), withDeadline(10))),
  },
  {
    ends: 'the timeout of a queue further in',
    is: 'ignored',
    sees: '----#',
    error: errorWith({ code: 'BULKHEAD_FULL', reason: 'queue-timeout' }),
    at: 4,
    pipe: (source, breaker) => {
      const pool = bulkhead(1, { size: 1, timeout: 4 });
      return merge(NEVER.pipe(pool), source.pipe(pool, breaker));
    },
  },
  ...(
    [
      [4, 'hungAfter after the wait', 'failure'],
      [5, 'less than hungAfter after the wait', 'ignored'],
    ] as const
  ).map(
    ([hungAfter, title, is]): Row => ({
      ends: `a deadline ${title} in a bulkhead further in`,
      is,
      source: '----',
      sees: '----------#',
      error: expired,
      subscription: '------^---!',
      at: 10,
      options: { hungAfter },
      pipe: (source, breaker) => behind(6, (pool) => source.pipe(pool, breaker, withDeadline(10))),
    }),
  ),
  ...(
    [
      [4, 'hungAfter after the wait', 'failure'],
      [5, 'less than hungAfter after the wait', 'abandoned'],
    ] as const
  ).map(
    ([hungAfter, title, is]): Row => ({
      ends: `a consumer that leaves ${title} in a bulkhead further in`,
      is,
      source: '----',
      call: '^---------!',
      sees: '-----------',
      subscription: '------^---!',
      at: 10,
      options: { hungAfter },
      pipe: (source, breaker) => behind(6, (pool) => source.pipe(pool, breaker)),
    }),
  ),
];
