import { bulkhead } from '../src/bulkhead/bulkhead.js';
import type { BulkheadQueue } from '../src/bulkhead/bulkhead-options.js';
import type { PolicyMode } from '../src/operator/policy-types.js';
import { from } from './circuit-plan.js';
import { errorWith, type Scenario } from './scenario.js';
import { type Watched, watched } from './shadow-plan.js';
import { does, leaves, refused, runs, type Visit, visits } from './visit-plan.js';

type Pool = Watched<'pool', ReturnType<typeof bulkhead>>;

const full = errorWith({ code: 'BULKHEAD_FULL', reason: 'full' });
const one = (queue: number | BulkheadQueue, mode: PolicyMode = 'shadow') => (): Pool => watched('pool', bulkhead(1, queue, { mode }));
const to = (at: number, mode: PolicyMode): Visit<Pool> => does(at, ({ pool }) => pool.update({ mode }));
const none = { full: 0, 'queue-timeout': 0 };
const left = { active: 0, queued: 0 };

export const shadowBulkheadScenarios: readonly Scenario[] = [
  visits({
    title: 'a full bulkhead in shadow mode lets through what it would refuse, and that holds no permit',
    policies: one(0),
    visits: [runs(0, 4), runs(1, 6), runs(2, 1), runs(5, 1)],
    health: { pool: 'u', would: from([0, 'g'], [4, 'u'], [5, 'g'], [6, 'u']) },
    metrics: {
      pool: { calls: 4, accepted: 2, refused: { ...none, full: 2 }, peak: 1, ...left },
      told: { events: ['started 0', 'refused full', 'refused full', 'started 0'] },
    },
  }),
  visits({
    title: 'a bulkhead in shadow mode keeps a place in its queue for who would wait, and lets it go on at once',
    policies: one(1),
    visits: [runs(0, 4), runs(1, 6), runs(2, 1), runs(5, 1), runs(8, 1)],
    health: { pool: 'u', would: from([0, 'u'], [1, 'g'], [4, 'u'], [5, 'g'], [6, 'u']) },
    metrics: {
      pool: { calls: 5, accepted: 3, refused: { ...none, full: 1 }, peak: 1, waited: 3, meanWait: 3, ...left },
      told: { events: ['started 0', 'queued', 'refused full', 'started 3', 'queued', 'left', 'started 0'] },
    },
  }),
  visits({
    title: 'a bulkhead in shadow mode refuses after its time who would wait too long, and lets it run on without a permit',
    policies: one({ size: 1, timeout: 2 }),
    visits: [runs(0, 6), runs(1, 9), runs(5, 3)],
    health: { pool: 'u', would: from([0, 'u'], [1, 'g'], [3, 'u'], [5, 'g'], [6, 'u']) },
    metrics: {
      pool: { calls: 3, accepted: 2, refused: { full: 0, 'queue-timeout': 1 }, peak: 1, waited: 1, ...left },
      told: { events: ['started 0', 'queued', 'refused queue-timeout', 'queued', 'started 1'] },
    },
  }),
  visits({
    title: 'a bulkhead in shadow mode lets a call through whose deadline has passed, and one whose consumer leaves',
    policies: one(2),
    visits: [runs(0, 4), runs(1, 1, 1, { deadline: 0 }), { ...leaves(1, 3), starts: 1 }, runs(5, 1)],
    health: { pool: 'u', would: from([0, 'u'], [1, 'g'], [2, 'u']) },
    metrics: {
      pool: { calls: 4, accepted: 2, refused: none, ...left },
      told: { events: ['started 0', 'queued', 'queued', 'left', 'left', 'started 0'] },
    },
  }),
  visits({
    title: 'from shadow to enforce: those who would wait run already and hold permits, and the next one waits for theirs',
    policies: one(2),
    visits: [runs(0, 6), runs(1, 3), runs(2, 9), runs(2, 20), to(3, 'enforce'), runs(4, 2, 11), runs(5, 1, 13), refused(5, 5, full)],
    health: { pool: from([0, 'u'], [5, 'g'], [11, 'u']), would: from([0, 'u'], [2, 'g'], [3, 'u'], [5, 'g'], [11, 'u']) },
    metrics: {
      pool: { calls: 7, accepted: 5, refused: { ...none, full: 2 }, peak: 3, ...left },
      told: {
        events: [
          'started 0', 'queued', 'queued', 'refused full', 'started 2', 'started 1', 'queued', 'queued', 'refused full', 'started 7', 'started 8',
        ],
      },
    },
  }),
  ...(['shadow', 'disabled'] as const).map((mode) =>
    visits({
      title: `from enforce to ${mode}: who waits is let in at once, and its time to wait is over with that`,
      policies: one({ size: 2, timeout: 3 }, 'enforce'),
      visits: [runs(0, 9), runs(1, 5, 2), runs(2, 9, 2), to(2, mode), runs(3, 1)],
      health: { pool: from([0, 'u'], [2, '(gu)']) },
      metrics: { pool: { accepted: 3, refused: none, waited: 1, ...left } },
    }),
  ),
  visits({
    title: 'from enforce to disabled and back: who came in between holds no permit, and who was let in does',
    policies: one(1, 'enforce'),
    visits: [runs(0, 9), runs(1, 3, 2), to(2, 'disabled'), runs(3, 20), to(4, 'enforce'), runs(4, 1, 9), refused(6, 6, full), runs(12, 1)],
    metrics: {
      pool: { calls: 5, accepted: 4, refused: { ...none, full: 1 }, peak: 2, ...left },
      told: { events: ['started 0', 'queued', 'started 1', 'queued', 'refused full', 'started 5', 'started 0'] },
    },
  }),
  visits({
    title: 'a bulkhead that is disabled neither decides nor counts, and would say nothing else',
    policies: one(0, 'disabled'),
    visits: [runs(0, 4), runs(1, 6)],
    health: { pool: 'u', would: 'u' },
    metrics: { pool: { calls: 0, accepted: 0, refused: none, peak: 0, ...left }, told: { events: [] } },
  }),
];
