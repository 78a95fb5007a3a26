import { bulkhead } from '../src/bulkhead/bulkhead.js';
import type { BulkheadQueue } from '../src/bulkhead/bulkhead-options.js';
import type { QueueOrder } from '../src/core/permit-queue.js';
import type { Priority } from '../src/core/priority.js';
import { from } from './circuit-plan.js';
import { errorWith, type Scenario } from './scenario.js';
import { leaves, refused, runs, visits } from './visit-plan.js';

const full = errorWith({ code: 'BULKHEAD_FULL', reason: 'full' });
const timedOut = errorWith({ code: 'BULKHEAD_FULL', reason: 'queue-timeout' });
const expired = errorWith({ code: 'DEADLINE_EXCEEDED', started: false });

type Pool = Readonly<Record<'pool', ReturnType<typeof bulkhead>>>;
const one = (queue: number | BulkheadQueue) => (): Pool => ({ pool: bulkhead(1, queue) });

/** The permit is held until 10; each that starts takes 2 ms. The numbers are when those that come at 1, 2, 3, ... start. */
function ordered(title: string, order: QueueOrder | undefined, size: number, starts: readonly number[]): Scenario {
  return visits({
    title,
    policies: one({ size, ...(order !== undefined && { order }) }),
    visits: [runs(0, 10), ...starts.map((start, i) => runs<Pool>(i + 1, 2, start))],
    metrics: { pool: { accepted: 1 + starts.length, peak: 1 } },
  });
}

function byPriority(title: string, rows: readonly (readonly [Priority | undefined, number])[]): Scenario {
  return visits({
    title,
    policies: one({ size: 9, order: 'priority' }),
    visits: [
      runs(0, 10),
      ...rows.map(([priority, start], i) => runs<Pool>(i + 1, 2, start, priority === undefined ? {} : { priority })),
    ],
  });
}

const orders: readonly Scenario[] = [
  ordered('order: without one the oldest first', undefined, 3, [10, 12, 14]),
  ordered('fifo: the oldest first', 'fifo', 3, [10, 12, 14]),
  ordered('lifo: the newest first', 'lifo', 3, [14, 12, 10]),
  ordered('adaptive-lifo: the oldest first while at most half full', 'adaptive-lifo', 6, [10, 12, 14]),
  ordered('adaptive-lifo: the newest first while over half full, then the oldest', 'adaptive-lifo', 4, [12, 14, 10]),
  ordered('adaptive-lifo: of a full queue the newer half first', 'adaptive-lifo', 4, [14, 16, 12, 10]),
  byPriority('priority: the most important of the context first', [
    ['sheddable', 16], ['sheddablePlus', 14], ['critical', 12], ['criticalPlus', 10],
  ]),
  byPriority('priority: of equal ones the older; one that says nothing is critical', [
    ['sheddable', 16], [undefined, 12], ['critical', 14], ['criticalPlus', 10], ['sheddable', 18],
  ]),
  visits({
    title: 'fifo: what matters more waits its turn',
    policies: one(2),
    visits: [
      runs(0, 5),
      runs<Pool>(1, 2, 5, { priority: 'sheddable' }),
      runs<Pool>(2, 2, 7, { priority: 'criticalPlus' }),
    ],
  }),
];

/** The permit comes back at 5; a call that comes at 1 may wait for so long. */
const waitsFor = (title: string, timeout: number, then: number | undefined): Scenario =>
  visits({
    title: `queue.timeout: ${title}`,
    policies: one({ size: 1, timeout }),
    visits: [runs(0, 5), then === undefined ? runs<Pool>(1, 2, 5) : refused<Pool>(1, then, timedOut)],
    metrics: {
      pool: { accepted: then === undefined ? 2 : 1, refused: { full: 0, 'queue-timeout': then === undefined ? 0 : 1 } },
    },
  });

const timeouts: readonly Scenario[] = [
  waitsFor('a permit that comes back a millisecond after it comes too late', 3, 4),
  waitsFor('a permit that comes back in its last millisecond is in time', 4, undefined),
  waitsFor('a permit that comes back a millisecond before its end is in time', 5, undefined),
  waitsFor('with 0 a call goes in the same turn where it would have to wait', 0, 1),
  waitsFor('with Infinity a call waits for as long as it takes', Infinity, undefined),
  visits({
    title: 'queue.timeout: with 0 a free permit is taken all the same',
    policies: one({ size: 1, timeout: 0 }),
    visits: [runs(0, 2), runs(3, 2)],
  }),
  visits({
    title: 'queue.timeout: 30 seconds where nothing is said, of a number and of an object',
    policies: () => ({ pool: bulkhead(1, 2), other: bulkhead(1, { size: 2 }) }),
    visits: [
      runs(0, 30_001),
      runs(0, 30_001, 0, { through: 'other' }),
      refused(0, 30_000, timedOut),
      refused(0, 30_000, timedOut, { through: 'other' }),
      runs(2, 1, 30_001),
      runs(2, 1, 30_001, { through: 'other' }),
    ],
  }),
  visits({
    title: 'queue.timeout: each waiter has its own time, and its place is free when it goes',
    policies: one({ size: 2, timeout: 4 }),
    visits: [
      runs(0, 9),
      refused(1, 5, timedOut),
      refused(2, 6, timedOut),
      refused(4, 4, full),
      runs(6, 1, 9),
      runs(7, 1, 10),
    ],
    metrics: { pool: { calls: 6, accepted: 3, refused: { full: 1, 'queue-timeout': 2 }, rejectionRatio: 0.5, waited: 6, meanWait: 3 } },
  }),
  visits({
    title: 'queue.timeout: a waiter that has started is not held to it any more',
    policies: one({ size: 1, timeout: 4 }),
    visits: [runs(0, 3), runs(1, 50, 3)],
  }),
];

const places: readonly Scenario[] = [
  visits({
    title: 'queue: with size 0 nobody waits',
    policies: one({ size: 0, timeout: 50 }),
    visits: [runs(0, 3), refused(1, 1, full), refused(2, 2, full), runs(4, 3)],
    metrics: { pool: { capacity: 0, refused: { full: 2, 'queue-timeout': 0 } } },
  }),
  visits({
    title: 'queue: a waiter that leaves frees its place at once, whichever it is',
    policies: one(3),
    visits: [runs(0, 9), runs(1, 1, 9), leaves(2, 4), runs(3, 1, 10), refused(3, 3, full), runs(4, 1, 11)],
    metrics: { pool: { calls: 6, accepted: 4, refused: { full: 1, 'queue-timeout': 0 }, rejectionRatio: 0.2 } },
  }),
  visits({
    title: 'queue: degraded while it is full, up again as soon as one has started, gone or left',
    policies: one({ size: 1, timeout: 5 }),
    visits: [runs(0, 4), runs(1, 20, 4), refused(6, 11, timedOut), leaves(13, 15), refused(14, 14, full)],
    health: { pool: from([0, 'u'], [1, 'g'], [4, 'u'], [6, 'g'], [11, 'u'], [13, 'g'], [15, 'u']) },
  }),
  visits({
    title: 'BulkheadFullError says how full it was: refused at once',
    policies: () => ({ pool: bulkhead(2, 1, { name: 'catalog' }) }),
    visits: [
      runs(0, 5),
      runs(0, 5),
      runs(0, 5, 5),
      refused(1, 1, errorWith({
        name: 'BulkheadFullError', code: 'BULKHEAD_FULL', policy: 'catalog', reason: 'full',
        active: 2, limit: 2, queued: 1, capacity: 1, retryAfter: undefined, cause: undefined,
      })),
    ],
  }),
  visits({
    title: 'BulkheadFullError says how full it was: having waited in vain',
    policies: () => ({ pool: bulkhead(1, { size: 3, timeout: 4 }, { name: 'catalog' }) }),
    visits: [
      runs(0, 9),
      refused(1, 5, errorWith({
        name: 'BulkheadFullError', code: 'BULKHEAD_FULL', policy: 'catalog', reason: 'queue-timeout',
        active: 1, limit: 1, queued: 1, capacity: 3,
      })),
      leaves(3, 6),
    ],
  }),
];

const deadlines: readonly Scenario[] = [
  visits({
    title: 'a waiter whose deadline is over as its turn comes goes without starting, and the next one starts',
    policies: one(2),
    visits: [runs(0, 5), refused<Pool>(1, 5, expired, { deadline: 4 }), runs(1, 2, 5)],
    metrics: { pool: { calls: 3, accepted: 2, refused: { full: 0, 'queue-timeout': 0 } } },
  }),
  visits({
    title: 'a waiter with a millisecond left as its turn comes starts',
    policies: one(2),
    visits: [runs(0, 5), runs<Pool>(1, 2, 5, { deadline: 5 }), runs(1, 2, 7)],
  }),
  visits({
    title: 'a newcomer to a full queue has the place of a waiter whose deadline is over, and none before it is',
    policies: one(1),
    visits: [runs(0, 6), refused<Pool>(1, 3, expired, { deadline: 2 }), refused(2, 2, full), runs(3, 1, 6)],
    metrics: { pool: { calls: 4, accepted: 2, refused: { full: 1, 'queue-timeout': 0 } } },
  }),
  visits({
    title: 'one whose deadline is over as it comes does not begin to wait',
    policies: one(1),
    visits: [runs(0, 5), refused<Pool>(1, 1, expired, { deadline: 0 }), runs(2, 1, 5), refused<Pool>(3, 3, expired, { deadline: 0 })],
    metrics: { pool: { calls: 4, accepted: 2, refused: { full: 0, 'queue-timeout': 0 } } },
  }),
  visits({
    title: 'of those who wait only the ones whose deadline is over make room',
    policies: one(3),
    visits: [
      runs(0, 9),
      refused<Pool>(1, 5, expired, { deadline: 3 }),
      runs<Pool>(1, 1, 9, { deadline: 20 }),
      refused<Pool>(1, 5, expired, { deadline: 4 }),
      runs(5, 1, 10),
      runs(5, 1, 11),
    ],
  }),
];

/** Who waits for a permit of a bulkhead, for how long, and who is next. */
export const bulkheadQueueScenarios: readonly Scenario[] = [...orders, ...timeouts, ...places, ...deadlines];
