import { NEVER, of, throwError } from 'rxjs';
import {
  type Bulkhead, bulkhead, Deadline, type DeadlinePolicy, fallbackToLast, fallbackToValue, fixedLimit, lastValues, type LoadShed, loadShed,
  loadShedder, runInContext, withDeadline,
} from 'rxjs-resilience';
import { breakerSubject } from './breaker-subject.js';
import type { Rehearsed, Subject } from './rehearsal.js';
import { retrySubject } from './retry-subject.js';

const down = new Error('down');
const modes = { mode: ['off', null, 1], required: [1, 'yes', null] };
const common = { mode: 'enforce', required: false };
const otherCommon = { mode: 'shadow', required: true };
const identity = { name: 'other', scheduler: undefined, random: Math.random };

const bulkheadSubject: Subject<Bulkhead> = {
  kind: 'bulkhead',
  settings: () => ({ maxConcurrent: 2, queue: { size: 3, timeout: 15, order: 'lifo' }, captureStacks: false, ...common }),
  others: () => ({ maxConcurrent: 1, queue: { size: 3, timeout: 15, order: 'fifo' }, captureStacks: true, ...otherCommon }),
  bad: {
    maxConcurrent: [0, 1.5, NaN, Infinity, '5', null], captureStacks: [1, null], ...modes,
    queue: [-1, 1.5, '5', null, [], { size: -1 }, { size: 1, timeout: -1 }, { size: 1, order: 'random' }, { size: 1, length: 2 }],
  },
  fixed: identity,
  make: ({ maxConcurrent, queue, ...options }) => bulkhead(maxConcurrent as number, queue as number, options),
  figures: ({ active, capacity, limit, queued }) => ({ active, capacity, limit, queued }),
  before: ({ advance, call, takes }) => {
    for (const label of ['a', 'b', 'waits', 'waits too']) call(label, takes(8, () => of(label)));
    advance(3);
  },
  after: ({ advance, call, takes }) => {
    advance(2);
    for (const label of ['c', 'refused', 'refused too']) call(label, takes(20, () => of(label)));
    advance(60);
    for (const label of ['d', 'e', 'f']) call(label, takes(20, () => of(label)));
    advance(60);
  },
};

const deadlineSubject: Subject<DeadlinePolicy> = {
  kind: 'withDeadline',
  settings: () => ({ within: 50, share: 0.5, reserve: 10, ...common }),
  others: () => ({ within: 5, share: 0.25, reserve: 30, ...otherCommon }),
  bad: { within: [-1, NaN, Infinity, '5', null], share: [0, 1.01, NaN, '1'], reserve: [-1, NaN, null], ...modes },
  fixed: { ...identity, onExpire: 'detach', until: 'firstValue', isValue: () => true },
  make: ({ reserve, share, within, ...options }) => withDeadline({ within, share, reserve } as object, options),
  before: ({ call, takes }) => {
    call('runs', takes(49, () => of('in time')));
    call('hangs', NEVER);
  },
  after: ({ advance, call, common: { scheduler }, takes }) => {
    advance(60);
    call('alone', takes(45, () => of('in time')));
    // Half of it would be 30, less 10 are 50.
    runInContext({ deadline: Deadline.after(60, scheduler) }, () => call('share', takes(27, () => of('in time'))));
    runInContext({ deadline: Deadline.after(12, scheduler) }, () => call('reserve', takes(1, () => of('in time'))));
    advance(60);
  },
};

function fallbackSubject(kind: string, make: Subject['make']): Subject {
  return {
    kind,
    settings: () => ({ classify: () => 'transient', ...common }),
    others: () => ({ when: () => false, classify: () => 'bug', ...otherCommon }),
    bad: { when: [true, null], classify: ['transient', 5], ...modes },
    fixed: { ...identity, maxAge: 5 },
    make,
    before: ({ advance, call, takes }) => {
      let calls = 0;
      const item = takes(5, () => (calls++ === 0 ? of('kept') : throwError(() => down)));
      for (let i = 0; i < 3; i++) call('item', item);
      advance(7);
      call('item', item);
      advance(2);
    },
    after: ({ advance, call }) => {
      advance(10);
      call('item', NEVER);
      advance(10);
    },
  };
}

const loadShedSubject: Subject<LoadShed> = {
  kind: 'loadShed',
  settings: () => ({ priority: 'sheddable', captureStacks: false, ...common }),
  others: () => ({ priority: 'critical', captureStacks: true, ...otherCommon }),
  bad: { priority: ['urgent', 1, null], captureStacks: [1, null], ...modes },
  fixed: { ...identity, isValue: () => true, shedder: loadShedder() },
  make: ({ priority, ...options }) =>
    loadShed(priority as 'critical', { ...options, shedder: loadShedder({ limit: fixedLimit(4), queue: { size: 1, timeout: 15 }, scheduler: options['scheduler'] as never }) }),
  figures: ({ shedder: { capacity, inFlight, limit, queued } }) => ({ capacity, inFlight, limit, queued }),
  before: ({ advance, call, takes }) => {
    for (const label of ['a', 'b', 'waits']) call(label, takes(8, () => of(label)));
    advance(3);
  },
  after: ({ advance, call, takes }) => {
    for (const label of ['c', 'd', 'e']) call(label, takes(8, () => of(label)));
    advance(40);
  },
};

/** Each policy with all of its options. */
export const subjects = [
  breakerSubject, retrySubject, bulkheadSubject, deadlineSubject, loadShedSubject,
  fallbackSubject('fallbackToValue', (options) => fallbackToValue('instead', options) as Rehearsed),
  fallbackSubject('fallbackToLast', (options) => fallbackToLast({ maxAge: 100, ...options }) as Rehearsed),
  fallbackSubject('fallbackToLast(last, key)', (options) => fallbackToLast(lastValues({ maxAge: 100 }), 'key', options) as Rehearsed),
] as readonly Subject[];
