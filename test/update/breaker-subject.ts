import { concat, NEVER, of, throwError } from 'rxjs';
import { type CircuitBreaker, circuitBreaker, constant, consecutiveFailures, failureCount } from 'rxjs-resilience';
import type { Options, Subject } from './rehearsal.js';

const down = Object.assign(new Error('down'), { status: 503 });
const busy = Object.assign(new Error('busy'), { status: 503, retryAfter: 200 });
const fail = () => throwError(() => down);
const six = () => failureCount({ failures: 6, window: { calls: 20 } });
const [isSent, isBad] = [(value: unknown) => value !== 'sent', (value: unknown) => value === 'bad'];
const breakDuration = constant(100);

export const breakerSubject: Subject<CircuitBreaker> = {
  kind: 'circuitBreaker',
  settings: () => ({
    trip: six(), breakDuration, maxBreakDuration: 300, successThreshold: 2, maxProbes: 1, probeTimeout: 50, hungAfter: 10,
    classify: () => 'transient', isFailureValue: isBad, isValue: isSent, settleOn: 'complete', captureStacks: false,
    mode: 'enforce', required: false,
  }),
  others: () => ({
    trip: consecutiveFailures(2), failureThreshold: 1, breakDuration: 240, maxBreakDuration: 10, successThreshold: 1, maxProbes: 2,
    probeTimeout: 5, hungAfter: 1_000, classify: () => 'permanent', isFailureValue: () => false, isValue: () => true,
    settleOn: 'firstValue', captureStacks: true, mode: 'shadow', required: true,
  }),
  bad: {
    trip: [5, null, {}], failureThreshold: [0, 1.5, '5', NaN], breakDuration: [-1, NaN, Infinity, '5', null], maxBreakDuration: [-1, Infinity],
    successThreshold: [0, 0.5, null], maxProbes: [0, 1.5, '1'], probeTimeout: [-1, NaN, {}], hungAfter: [-1, Infinity], classify: [5, null],
    isFailureValue: ['bad'], isValue: [true], settleOn: ['end', 1], captureStacks: [1, null], mode: ['off', null, 1], required: [1, 'yes'],
  },
  fixed: { name: 'other', scheduler: undefined, random: Math.random, initialState: 'open' },
  make: (options) => circuitBreaker(options as never),
  figures: (breaker) => [breaker.state, breaker.snapshot()],
  before: ({ advance, call, takes }) => {
    call('early', takes(0, () => of('good')));
    call('counted', takes(1, fail));
    advance(2);
    // It runs on, and is the second failure.
    call('running', takes(3, fail));
  },
  after: ({ advance, call, note, policy, takes }) => {
    const states = (): void => note('state', policy.state);
    advance(5);
    call('bad', of('bad'));
    const sent = call('sent', concat(of('sent'), NEVER));
    const hangs = call('hangs', NEVER);
    call('valued', concat(of('value'), takes(1, () => of('more'))));
    advance(20);
    states();
    sent();
    hangs();
    call('valued, then failed', concat(of('value'), takes(1, fail)));
    advance(1);
    call('fails', takes(0, fail));
    advance(1);
    states();
    advance(120);
    call('back', of('back'));
    call('back', of('back'));
    states();
    for (let i = 0; i < 6; i++) {
      call('busy', takes(0, () => throwError(() => busy)));
      advance(1);
    }
    states();
    call('refused', of(1));
    advance(150);
    states();
    advance(60);
    // Half-open by now.
    const probe = call('probe', takes(30, () => of('back')));
    call('beside', takes(30, () => of('back')));
    advance(10);
    call('later', of('back'));
    advance(40);
    probe();
    call('then', of('back'));
    advance(100);
    call('at last', of('back'));
    states();
  },
};

/** The same as before: a rule of the same kind, which goes on with what was counted. */
export const sameTrip = (): Options => ({ trip: six() });
