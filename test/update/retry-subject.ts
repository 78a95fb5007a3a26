import { concat, of, throwError } from 'rxjs';
import { constant, retryBudget, type RetryPolicy, retryWithBackoff } from 'rxjs-resilience';
import type { Subject } from './rehearsal.js';

const down = new Error('down');
const busy = Object.assign(new Error('busy'), { status: 503, retryAfter: 40 });
const fail = () => throwError(() => down);
const backoff = constant(10);
const [isSent, isPoor, transient] = [(value: unknown) => value !== 'sent', (value: unknown) => value === 'poor', () => 'transient'];

export const retrySubject: Subject<RetryPolicy> = {
  kind: 'retryWithBackoff',
  settings: () => ({
    backoff, maxRetries: 2, retryIfValue: isPoor, classify: transient, isValue: isSent, retryAfter: true, maxRetryAfter: 100,
    afterValue: 'fail', resetOnValue: false, exhausted: 'rethrow', mode: 'enforce', required: false,
    budget: retryBudget({ burst: 30, minPerSecond: 0, ratio: 0 }),
  }),
  others: () => ({
    backoff: constant(3), maxRetries: 1, retryIf: () => false, retryIfValue: () => false, classify: () => 'permanent', isValue: () => true,
    retryAfter: false, maxRetryAfter: 20, budget: retryBudget({ burst: 1, minPerSecond: 0, ratio: 0 }), afterValue: 'resubscribe',
    resetOnValue: true, exhausted: 'wrap', mode: 'shadow', required: true,
  }),
  bad: {
    backoff: [5, null, 'full'], maxRetries: [-1, 1.5, NaN, '3'], retryIf: [true], retryIfValue: ['poor'], classify: [null], isValue: [5],
    retryAfter: [1, 'yes'], maxRetryAfter: [-1, Infinity], budget: [5, null, true], afterValue: ['go on', 1], resetOnValue: [1],
    exhausted: ['throw', null], mode: ['off', null], required: [0],
  },
  fixed: { name: 'other', scheduler: undefined, random: Math.random },
  make: (options) => retryWithBackoff(options as never),
  before: ({ advance, call, takes }) => {
    call('early', takes(0, fail));
    advance(40);
    call('waiting', takes(1, fail));
    call('running', takes(8, fail));
    advance(5);
  },
  after: ({ advance, call, takes }) => {
    advance(60);
    call('poor', concat(of('poor'), of('good')));
    advance(40);
    call('sent', concat(of('sent'), takes(1, fail)));
    advance(40);
    call('asked', takes(0, () => throwError(() => busy)));
    advance(300);
    let tries = 0;
    // Poor again and again, a value in between.
    call('value', takes(1, () => (++tries < 9 ? of('good', 'poor') : of('end'))));
    advance(200);
    call('valued', concat(of('value'), takes(0, fail)));
    advance(40);
    call('last', takes(0, fail));
    advance(60);
  },
};
