import { defer, of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { constant, retryWithBackoff } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('tries a 503 of fetch again when it asks to, and delivers what comes then', () => {
  new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(({ expectObservable }) => {
    const busy = new Response(null, { status: 503, headers: { 'retry-after': '2' } });
    const answers = [busy, new Response('found')];
    const retry = retryWithBackoff(constant(10), {
      random: () => 0, // else up to a tenth is added to what was asked for
    });

    const statuses = defer(() => of(answers.shift()!)).pipe(retry);
    expectObservable(statuses).toBe('2s (a|)', { a: answers[1] });
  });
});
