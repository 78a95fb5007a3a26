import { NEVER } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { attempt, withDeadline } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('gives the inner call a part of what the whole has left', () => {
  new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(({ expectObservable, flush }) => {
    const left: (number | undefined)[] = [];
    const reasons: unknown[] = [];
    const call = attempt(({ deadline, signal }) => {
      left.push(deadline?.remaining());
      signal.addEventListener('abort', () => reasons.push((signal.reason as Error).name));
      return NEVER;
    });

    const piped = call.pipe(withDeadline({ share: 0.5 }, { name: 'half' }), withDeadline(10));
    const error = expect.objectContaining({ code: 'DEADLINE_EXCEEDED', policy: 'half', budget: 5, started: true });
    expectObservable(piped).toBe('5ms #', undefined, error);
    flush();
    expect(left).toStrictEqual([5]);
    expect(reasons).toStrictEqual(['DeadlineExceededError']);
  });
});
