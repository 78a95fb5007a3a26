import type { RunHelpers } from 'rxjs/testing';
import { checkFunction } from '../core/options.js';
import { shared } from '../operator/shared.js';
import { calls } from './calls.js';
import { Expectations } from './expectations.js';
import { failure } from './failure.js';
import { type MarbleHelpers, type MarblesOptions, readMarblesOptions } from './marbles-options.js';
import { brownout, flaky, hang, outage, slow } from './sources.js';
import { expectHealth, expectState } from './status-marbles.js';
import { VirtualTime } from './virtual-time.js';
import { WhatIsLeft } from './what-is-left.js';

/**
 * A test in virtual time, for `it` of Vitest, Jest, `node:test` and others. The body draws what happens and what is
 * expected in marble diagrams, in which a character is a millisecond; policies and RxJS's own operators take their time
 * from the test without being told. After the body, time runs to its end.
 *
 * The test fails with an `Error` that shows both diagrams where something did not come as expected. Comparison is deep
 * and strict, and understands `failed`, `refused`, `expired` and the asymmetric matchers of runners. It also fails
 *
 * - where a call of a policy is left: it has not ended and nobody has unsubscribed, it waits in a queue, or a policy
 *   misses a permit (`unfinished: true` allows that);
 * - where time does not end, because something repeats for ever (`maxSteps`);
 * - where the body is asynchronous: promises do not run in virtual time.
 *
 * What the expectations have subscribed is unsubscribed at the end, whatever happens. Each run has virtual time of its
 * own; policies may be made inside or before and be shared by tests.
 *
 * @throws TypeError, RangeError for a body or options that it cannot take; what it returns throws as said
 *
 * ```ts
 * it('stops calling a dead dependency and comes back', marbles(({ outage, calls, expectObservable, expectState }) => {
 *   const payments = circuitBreaker({ failureThreshold: 2, breakDuration: 4, successThreshold: 1 });
 *   const api = outage({ from: 2, to: 6 }, '(a|)', '#');
 *   const results = calls('      x-x-x-x-x|', () => api.pipe(payments));
 *   expectObservable(results).toBe('a-E-E-R-a|', { a: 'a', E: failed, R: refused });
 *   expectState(payments).toBe('c---o---(hc)');
 * }));
 * ```
 */
export function marbles(body: (helpers: MarbleHelpers) => void, options: MarblesOptions = {}): () => void {
  checkFunction('body', body);
  const { unfinished, maxSteps } = readMarblesOptions(options);
  return () => {
    if (shared.begun !== undefined) throw new Error('marbles inside of marbles: a test has one virtual time, and one of them is running');
    const left = new WhatIsLeft();
    const expectations = new Expectations();
    const time: VirtualTime = new VirtualTime((actual, expected) => {
      // What was cut off is no surprise.
      if (time.exceeded === undefined) expectations.compare(actual, expected);
    }, maxSteps);
    shared.begun = left.begun;
    try {
      time.run((helpers) => {
        const flush = (): void => {
          helpers.flush();
          if (time.exceeded !== undefined) throw endless(time.exceeded, maxSteps, left.sentences());
          expectations.verdict();
        };
        try {
          refuseAsync(body(helpersOf({ ...helpers, flush }, expectations)));
          flush();
          expectations.refuseUnsaid();
          if (!unfinished) refuseLeft(left.sentences());
        } finally {
          expectations.end();
          time.end();
        }
      });
    } finally {
      shared.begun = undefined;
    }
  };
}

function helpersOf(helpers: RunHelpers, expectations: Expectations): MarbleHelpers {
  const expect = (title: string): ReturnType<Expectations['observable']> => expectations.observable(helpers.expectObservable, title);
  return {
    ...helpers,
    expectObservable: expectations.observable(helpers.expectObservable),
    expectSubscriptions: expectations.subscriptions(helpers.expectSubscriptions),
    expectState: (of, unsubscription) => expectState(expect, of, unsubscription),
    expectHealth: (of, unsubscription) => expectHealth(expect, of, unsubscription),
    ...{ calls, outage, flaky, slow, hang, brownout },
  };
}

function refuseAsync(returned: unknown): void {
  const { then } = (returned ?? {}) as { readonly then?: unknown };
  if (typeof then !== 'function') return;
  // Nobody is going to hear how it ends.
  (returned as PromiseLike<unknown>).then(undefined, () => undefined);
  throw new TypeError(
    'the body of marbles must not be async: promises run when virtual time is over, and what they expect is not looked at. ' +
      'Write sources as marbles or observables, and what is to happen at a time as cold or hot',
  );
}

function refuseLeft(sentences: readonly string[]): void {
  if (sentences.length === 0) return;
  throw failure(
    `the test is over, and this is left:\n\n${list(sentences)}\n\n` +
      'Let the source end (a promise never does in virtual time), bound it (withDeadline), or unsubscribe it (a subscription marble ' +
      'such as ^---! as second argument of expectObservable). Where that is what the test is about: marbles(body, { unfinished: true })',
  );
}

function endless({ frame, armed }: NonNullable<VirtualTime['exceeded']>, maxSteps: number, sentences: readonly string[]): Error {
  const timers = armed === 1 ? '1 timer is' : `${armed} timers are`;
  return failure(
    `virtual time does not end: at frame ${frame} there is still something to come, ${timers} armed.\n\n` +
      (sentences.length === 0 ? '' : `${list(sentences)}\n\n`) +
      'Something repeats for ever: an interval, a poll, a retry without a limit. Unsubscribe it (a subscription marble ' +
      `such as ^---! as second argument of expectObservable); a test that needs more than ${maxSteps} steps says so with maxSteps`,
  );
}

const list = (sentences: readonly string[]): string => sentences.map((sentence) => `- ${sentence}`).join('\n');
