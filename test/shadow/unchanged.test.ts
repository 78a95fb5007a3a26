import { defer, delay, map, Observable, of, Subject } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { circuitBreaker, constant, currentContext, Deadline, retryWithBackoff, runInContext } from 'rxjs-resilience';
import { shadows, type Same } from './policies.js';

const same: Same = map((value) => value) as Same;
const down = Object.assign(new Error('down'), { status: 503, retryAfter: 3 });

const sources = ['(ab|)', 'a-b-|', '|', '#', '-#', '-a-#', '---|', '------a--b|', 'a--------', '(a#)'];
/** The frame in which the consumer leaves. */
const leaves = [undefined, 1, 4];

interface Log {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}
const frames = (logs: readonly Log[]): unknown => logs.map((log) => [log.subscribedFrame, log.unsubscribedFrame]);

function inRun(body: (helpers: RunHelpers, scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run((helpers) => body(helpers, scheduler));
}

interface Seen {
  readonly at: number;
  readonly type: 'next' | 'error' | 'complete';
  readonly value?: unknown;
}

/** All that a consumer sees, and when. */
function seenOf(source: Observable<unknown>, scheduler: TestScheduler, leave: number | undefined): readonly Seen[] {
  const seen: Seen[] = [];
  const note = (type: Seen['type']) => (value?: unknown) => void seen.push({ at: scheduler.now(), type, value });
  const subscription = source.subscribe({ next: note('next'), error: note('error'), complete: note('complete') });
  if (leave !== undefined) scheduler.schedule(() => subscription.unsubscribe(), leave);
  return seen;
}

/** What is around a call changes nothing either; the context has all that there is. */
const surrounded = (source: Observable<unknown>): Observable<unknown> =>
  defer(() => {
    const context = { deadline: Deadline.after(4), priority: 'sheddablePlus', tags: { tenant: 7 } } as const;
    return new Observable((subscriber) => runInContext(context, () => source.subscribe(subscriber)));
  });

/** Under another retry and another breaker, which must see the same. */
const around: readonly (readonly [string, () => (source: Observable<unknown>) => Observable<unknown>])[] = [
  ['alone', () => same],
  ['under a retry', () => retryWithBackoff(constant(2), { maxRetries: 2, budget: false, random: () => 0 })],
  ['under a breaker', () => circuitBreaker({ failureThreshold: 1, hungAfter: 1 })],
];

describe.each(Object.entries(shadows))('%s, in shadow mode', (_title, make) => {
  describe.each(around)('%s', (_where, wrap) => {
    it.each(sources.flatMap((source) => leaves.map((leave) => [source, leave] as const)))(
      'lets %s through as map does, for a consumer that leaves at %s',
      (marble, leave) => {
        const before = make();
        for (const policy of [() => before, make]) {
          inRun(({ cold, flush }, scheduler) => {
            const [made, one, other] = [policy(), wrap(), wrap()];
            const [through, plain] = [cold(marble, undefined, down), cold(marble, undefined, down)];
            const calls = (source: Observable<unknown>) => [source, surrounded(source)].map((call) => seenOf(call, scheduler, leave));
            const [seen, wanted] = [calls(one(through.pipe(made))), calls(other(plain.pipe(same)))];
            flush();
            expect(seen).toStrictEqual(wanted);
            expect(seen.flat().filter(({ type, value }) => type === 'error' && value !== down)).toStrictEqual([]);
            expect(frames(through.subscriptions)).toStrictEqual(frames(plain.subscriptions));
          });
        }
      },
    );
  });

  // Any of our operators shows the consumer the context in which it has subscribed, also later.
  it.each([
    ['at once', (source: Observable<unknown>) => source],
    ['later', (source: Observable<unknown>) => source.pipe(delay(1))],
  ])('shows the source and the consumer their own context, %s', (_when, timed) => {
    const policy = make();
    const outside = { deadline: Deadline.after(50_000), priority: 'criticalPlus', signal: new AbortController().signal, tags: { tenant: 7 }, attempt: 3 } as const;
    const shown = (through: Same): readonly unknown[] => {
      const seen: unknown[] = [];
      const note = (): void => {
        const { attempt, deadline, priority, signal, tags } = currentContext();
        seen.push(attempt, deadline, priority, signal, tags);
      };
      const source = timed(defer(() => (note(), of(1))));
      inRun(({ flush }) => {
        runInContext(outside, () => source.pipe(through).subscribe({ next: note, complete: note }));
        flush();
      });
      return seen;
    };
    const wanted = shown(circuitBreaker({ mode: 'disabled' }));
    const seen = shown(policy);
    expect(wanted).toHaveLength(15);
    expect(wanted.slice(0, 3)).toStrictEqual([3, outside.deadline, 'criticalPlus']);
    expect(seen.map((value, at) => Object.is(value, wanted[at]))).toStrictEqual(wanted.map(() => true));
  });

  it('shows the context to each try of a retry further in', () => {
    inRun(({ flush }) => {
      const policy = make();
      const seen: unknown[] = [];
      const source = defer(() => {
        const { attempt, deadline, priority } = currentContext();
        seen.push([attempt, deadline, priority]);
        throw down;
      });
      source.pipe(retryWithBackoff(constant(1), { maxRetries: 1, retryAfter: false }), policy).subscribe({ error: () => undefined });
      flush();
      expect(seen).toStrictEqual([[1, undefined, undefined], [2, undefined, undefined]]);
    });
  });

  it('delivers the error itself, and leaves the source when the consumer does', () => {
    const policy = make();
    const source = new Subject<unknown>();
    const log: unknown[] = [];
    source.pipe(policy).subscribe({ error: (error: unknown) => log.push(error) });
    const left = source.pipe(policy).subscribe();
    left.unsubscribe();
    source.error(down);
    expect(log).toHaveLength(1);
    expect(log[0]).toBe(down);
    expect(source.observed).toBe(false);
  });
});
