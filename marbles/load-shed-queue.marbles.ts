import { fixedLimit } from '../src/core/fixed-limit.js';
import type { ShedderQueue } from '../src/load-shed/load-shedder.js';
import { from } from './circuit-plan.js';
import { byPriority, critical, criticalPlus, type Shed, sheddable, sheddablePlus } from './load-shed-plan.js';
import type { Scenario } from './scenario.js';
import { visits } from './visit-plan.js';

const queued = (queue: number | ShedderQueue, limit: number = 1): (() => Shed) =>
  byPriority(() => ({ limit: fixedLimit(limit), queue }));

const order: readonly Scenario[] = [
  visits({
    title: 'queue: the most important is next, of equal ones the older',
    policies: queued(8),
    visits: [
      critical.runs(0, 9), sheddable.runs(1, 2, 17), sheddablePlus.runs(2, 2, 15), critical.runs(3, 2, 11), criticalPlus.runs(4, 2, 9),
      critical.runs(5, 2, 13), sheddable.runs(6, 2, 19),
    ],
  }),
  visits({
    title: 'queue: who matters more passes by those who wait for their share',
    policies: queued(2, 4),
    visits: [sheddable.runs(0, 9), sheddable.runs(0, 9), sheddable.runs(1, 2, 9), critical.runs(2, 3), sheddable.runs(3, 2, 9)],
  }),
  visits({
    title: 'queue: a permit that comes back is not for those whose share is used up',
    policies: queued(1, 4),
    visits: [critical.runs(0, 5), critical.runs(0, 7), critical.runs(0, 9), sheddable.runs(1, 2, 7)],
  }),
];

const displacement: readonly Scenario[] = [
  visits({
    title: 'displacement: the newest of the least important goes, also for one who matters but a little more',
    policies: queued(3),
    visits: [
      critical.runs(0, 9), sheddablePlus.runs(1, 1, 10), sheddable.shed(2, 5, 'displaced'), sheddable.shed(3, 4, 'displaced'),
      sheddablePlus.runs(4, 1, 11), sheddablePlus.shed(5, 6, 'displaced'), critical.runs(6, 1, 9), sheddable.shed(7, 7, 'full'),
    ],
  }),
  visits({
    title: 'displacement: nobody goes for one who matters as much, or less',
    policies: queued(2),
    visits: [
      critical.runs(0, 9), critical.runs(1, 1, 9), sheddablePlus.runs(2, 1, 10), sheddablePlus.shed(3, 3, 'full'), sheddable.shed(4, 4, 'full'),
    ],
    metrics: { sheddablePlus: { calls: 2, admitted: 1 }, sheddable: { calls: 1, admitted: 0 } },
  }),
  visits({
    title: 'displacement: nobody is refused while somebody less important waits',
    policies: queued(1),
    visits: [
      critical.runs(0, 9), sheddable.shed(1, 2, 'displaced'), sheddablePlus.shed(2, 3, 'displaced'), critical.shed(3, 4, 'displaced'),
      criticalPlus.runs(4, 1, 9), criticalPlus.shed(5, 5, 'full'),
    ],
    metrics: {
      critical: { calls: 2, admitted: 1, shed: { criticalPlus: 0, critical: 1, sheddablePlus: 0, sheddable: 0 } },
      criticalPlus: { calls: 2, admitted: 1, shed: { criticalPlus: 1, critical: 0, sheddablePlus: 0, sheddable: 0 } },
    },
  }),
  visits({
    title: 'displacement: what could displace somebody is not refused, and its health is up',
    policies: queued(1),
    visits: [critical.runs(0, 9), sheddable.runs(1, 3, 9)],
    health: {
      critical: 'u',
      sheddablePlus: 'u',
      sheddable: from([0, 'u'], [1, 'g'], [9, 'u']),
    },
  }),
];

/** The permit comes back at 5; a call that comes at 1 may wait for so long. */
const waitsFor = (title: string, timeout: number, then: number | undefined): Scenario =>
  visits({
    title: `queue.timeout: ${title}`,
    policies: queued({ size: 1, timeout }),
    visits: [critical.runs(0, 5), then === undefined ? critical.runs(1, 2, 5) : critical.shed(1, then, 'queue-timeout')],
    metrics: { critical: { admitted: then === undefined ? 2 : 1, shed: { criticalPlus: 0, critical: then === undefined ? 0 : 1, sheddablePlus: 0, sheddable: 0 } } },
  });

const waiting: readonly Scenario[] = [
  waitsFor('a permit that comes back a millisecond after it comes too late', 3, 4),
  waitsFor('a permit that comes back in its last millisecond is in time', 4, undefined),
  waitsFor('a permit that comes back a millisecond before its end is in time', 5, undefined),
  waitsFor('with 0 a call goes in the same turn where it would have to wait', 0, 1),
  waitsFor('with Infinity a call waits for as long as it takes', Infinity, undefined),
  ...[2, { size: 2 }].map((queue) =>
    visits({
      title: `queue.timeout: 30 seconds where nothing is said, of ${typeof queue === 'number' ? 'a number' : 'an object'}`,
      policies: queued(queue),
      visits: [critical.runs(0, 30_001), critical.shed(0, 30_000, 'queue-timeout'), critical.runs(2, 1, 30_001)],
    }),
  ),
  visits({
    title: 'queue.timeout: a place is free again when a waiter goes by its time or is left',
    policies: queued({ size: 1, timeout: 4 }),
    visits: [critical.runs(0, 12), critical.shed(1, 5, 'queue-timeout'), critical.leaves(6, 8), critical.shed(7, 7, 'full'), critical.runs(9, 1, 12)],
    health: { critical: from([0, 'u'], [1, 'g'], [5, 'u'], [6, 'g'], [8, 'u'], [9, 'g'], [12, 'u']) },
  }),
  visits({
    title: 'queue: with size 0 nobody waits',
    policies: queued({ size: 0, timeout: 9 }),
    visits: [critical.runs(0, 5), critical.shed(1, 1, 'full')],
  }),
  visits({
    title: 'a waiter whose deadline is over as its turn comes goes without starting, and the next one starts',
    policies: queued(2),
    visits: [critical.runs(0, 5), critical.expires(1, 5, 4), critical.runs(1, 2, 5)],
    metrics: { critical: { calls: 3, admitted: 2, shed: { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 0 } } },
  }),
  visits({
    title: 'a waiter with a millisecond left as its turn comes starts',
    policies: queued(2),
    visits: [critical.runs(0, 5), critical.inTime(1, 2, 5, 5)],
  }),
  visits({
    title: 'one whose deadline is over goes before anybody is displaced or refused',
    policies: queued(2),
    visits: [
      critical.runs(0, 9), critical.expires(1, 4, 3), sheddable.shed(2, 5, 'displaced'), sheddable.shed(3, 3, 'full'),
      critical.runs(4, 1, 9), sheddablePlus.runs(5, 1, 10),
    ],
  }),
  visits({
    title: 'one whose deadline is over as it comes does not begin to wait',
    policies: queued(1),
    visits: [critical.runs(0, 5), critical.expires(1, 1, 0), critical.runs(2, 1, 5)],
  }),
];

/** Who waits for a permit of a shedder, for how long, and who goes for whom. */
export const loadShedQueueScenarios: readonly Scenario[] = [...order, ...displacement, ...waiting];
