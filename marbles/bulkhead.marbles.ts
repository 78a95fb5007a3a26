import { concat, map, Observable, of, timer } from 'rxjs';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { loadShed } from '../src/load-shed/load-shed.js';
import { loadShedder } from '../src/load-shed/load-shedder.js';
import { bulkheadLimitScenarios } from './bulkhead-limit.marbles.js';
import { bulkheadQueueScenarios } from './bulkhead-queue.marbles.js';
import { errorWith, scenario, type Scenario } from './scenario.js';

const full = errorWith({ code: 'BULKHEAD_FULL', reason: 'full' });

export const bulkheadScenarios: readonly Scenario[] = [
  scenario({
    title: 'a call beyond the limit is refused at once and never subscribes the source',
    policies: () => ({ pool: bulkhead(2) }),
    source: '        ---(a|)',
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^-------', sees: '---(a|)' },
      { call: '-^------', sees: '----(a|)' },
      { call: '--^-----', sees: '--#', error: errorWith({ reason: 'full', active: 2, limit: 2, queued: 0, capacity: 0 }) },
      { call: '-----^--', sees: '--------(a|)' },
    ],
    subscriptions: ['^--!', '-^--!', '-----^--!'],
    metrics: { pool: { calls: 4, accepted: 3, refused: { full: 1, 'queue-timeout': 0 }, peak: 2, rejectionRatio: 0.25 } },
    health: { pool: 'ug-u' },
  }),
  scenario({
    title: 'a permit comes back with an error, and with a consumer that leaves',
    policies: () => ({ pool: bulkhead(1) }),
    source: ['        -#', '------'],
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^-------', sees: '-#' },
      { call: '--^-!---', sees: '-----' },
      { call: '-----^-!', sees: '--------' },
    ],
    subscriptions: ['^!', '--^-!', '-----^-!'],
    metrics: { pool: { accepted: 3 } },
  }),
  scenario({
    title: 'calls beyond the limit wait, and start in the order in which they came',
    policies: () => ({ pool: bulkhead(1, 2) }),
    source: '        --(a|)',
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^-------', sees: '--(a|)' },
      { call: '-^------', sees: '----(a|)' },
      { call: '-^------', sees: '------(a|)' },
      { call: '-^------', sees: '-#', error: errorWith({ reason: 'full', active: 1, queued: 2, capacity: 2 }) },
    ],
    subscriptions: ['^-!', '--^-!', '----^-!'],
    metrics: { pool: { accepted: 3, waited: 4, meanWait: 2 } },
  }),
  scenario({
    title: 'priority: the most important of the context first, then the oldest',
    policies: () => ({ pool: bulkhead(1, { size: 5, order: 'priority' }), shedder: loadShed('critical') }),
    source: ['-----(h|)', '--(x|)'],
    pipe: (source, { pool }, { index }) =>
      source.pipe(pool, loadShed(index === 2 ? 'criticalPlus' : 'sheddable', { shedder: loadShedder() })),
    calls: [
      { call: '^-------------', sees: '-----(h|)' },
      { call: '-^------------', sees: '---------(x|)' },
      { call: '--^-----------', sees: '-------(x|)' },
      { call: '---^----------', sees: '-----------(x|)' },
    ],
    subscriptions: ['^----!', '-----^-!', '-------^-!', '---------^-!'],
  }),
  scenario({
    title: 'a waiter that leaves frees its place at once',
    policies: () => ({ pool: bulkhead(1, 1) }),
    source: ['------(a|)', '-(b|)'],
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^---------', sees: '------(a|)' },
      { call: '-^-!------', sees: '----' },
      { call: '---^------', sees: '-------(b|)' },
    ],
    subscriptions: ['^-----!', '------^!'],
    metrics: { pool: { accepted: 2, refused: { full: 0, 'queue-timeout': 0 } } },
  }),
  scenario({
    title: 'whoever comes as a permit is given back stands behind those who wait',
    policies: () => ({ pool: bulkhead(1, 2) }),
    source: ['---(a|)', '--(a|)'],
    pipe: (source, { pool }, { index }) => {
      const piped = source.pipe(pool);
      if (index === 1) return piped;
      // Comes again in the very turn in which it hears of its end.
      return new Observable((subscriber) =>
        piped.subscribe({ next: (value) => subscriber.next(value), complete: () => subscriber.add(piped.subscribe(subscriber)) }),
      );
    },
    calls: [
      { call: '^--------', sees: '---a---(a|)' },
      { call: '-^-------', sees: '-----(a|)' },
    ],
    subscriptions: ['^--!', '---^-!', '-----^-!'],
  }),
  scenario({
    title: 'a permit is free for a newcomer only if nobody waits',
    policies: () => ({ pool: bulkhead(1, 3) }),
    source: ['--(a|)', '--(b|)', '--(c|)'],
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^--------', sees: '--(a|)' },
      { call: '-^-------', sees: '----(b|)' },
      { call: '--^------', sees: '------(c|)' },
    ],
    subscriptions: ['^-!', '--^-!', '----^-!'],
  }),
  scenario({
    title: 'a waiter whose deadline is over goes with its DeadlineExceededError and never starts',
    policies: () => ({ pool: bulkhead(1, 1), deadline: withDeadline(3) }),
    source: ['-----(a|)', '-(b|)'],
    pipe: (source, { pool, deadline }, { index }) => (index === 0 ? source.pipe(pool) : source.pipe(pool, deadline)),
    calls: [
      { call: '^--------', sees: '-----(a|)' },
      { call: '-^-------', sees: '----#', error: errorWith({ code: 'DEADLINE_EXCEEDED' }) },
    ],
    subscriptions: ['^----!'],
    metrics: { pool: { calls: 2, accepted: 1, refused: { full: 0, 'queue-timeout': 0 } } },
  }),
  scenario({
    title: 'an observable limit is 1 before its first value, grows, shrinks without disturbing anybody, and keeps its last',
    policies: () => ({ pool: bulkhead(concat(timer(2).pipe(map(() => 2)), timer(3).pipe(map(() => 1)), of(1))) }),
    source: '        --------(a|)',
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^---------', sees: '--------(a|)' },
      { call: '-^--------', sees: '-#', error: errorWith({ limit: 1 }) },
      { call: '--^-------', sees: '--#', error: errorWith({ limit: 1 }) },
      { call: '---^------', sees: '-----------(a|)' },
      { call: '------^---', sees: '------#', error: errorWith({ active: 2, limit: 1 }) },
    ],
    subscriptions: ['^-------!', '---^-------!'],
    metrics: { pool: { limit: 1, peak: 2 } },
  }),
  scenario({
    title: 'update changes limit and queue and counts on',
    policies: () => ({ pool: bulkhead(1, 1) }),
    source: '        ------(a|)',
    pipe: (source, { pool }, { index }) => {
      if (index === 2) pool.update({ maxConcurrent: 2, queue: 0 });
      return source.pipe(pool);
    },
    calls: [
      { call: '^--------', sees: '------(a|)' },
      { call: '-^-------', sees: '--------(a|)' },
      { call: '--^------', sees: '--#', error: full },
    ],
    subscriptions: ['^-----!', '--^-----!'],
    metrics: { pool: { calls: 3, accepted: 2, limit: 2, capacity: 0 } },
  }),
  scenario({
    title: 'in shadow mode what would be refused is let through and counted as refused',
    policies: () => ({ pool: bulkhead(1, 0, { mode: 'shadow' }) }),
    source: '        --(a|)',
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^--------', sees: '--(a|)' },
      { call: '-^-------', sees: '---(a|)' },
    ],
    subscriptions: ['^-!', '-^-!'],
    metrics: { pool: { calls: 2, accepted: 1, refused: { full: 1, 'queue-timeout': 0 } } },
    health: { pool: 'u' },
  }),
  scenario({
    title: 'disabled, it neither decides nor counts',
    policies: () => ({ pool: bulkhead(1, 0, { mode: 'disabled' }) }),
    source: '        --(a|)',
    pipe: (source, { pool }) => source.pipe(pool),
    calls: [
      { call: '^--------', sees: '--(a|)' },
      { call: '-^-------', sees: '---(a|)' },
    ],
    subscriptions: ['^-!', '-^-!'],
    metrics: { pool: { calls: 0, accepted: 0 } },
  }),
  ...bulkheadQueueScenarios,
  ...bulkheadLimitScenarios,
];
