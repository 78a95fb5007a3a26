import { defer, of, share } from 'rxjs';
import { attempt, constant, currentContext, Deadline, detachContext } from 'rxjs-resilience';
import { retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { expect, it } from 'vitest';

const deadlineInside = defer(() => of(currentContext().deadline !== undefined));

it('is read where something is subscribed inside, and never leaks to the consumer', () => {
  const seen: boolean[] = [];
  deadlineInside.pipe(withDeadline(50)).subscribe((inside) => {
    seen.push(inside, currentContext().deadline !== undefined);
  });
  expect(seen).toStrictEqual([true, false]);
});

it('counts the tries', () => {
  const tries: number[] = [];
  attempt(({ attempt: number }) => {
    tries.push(number);
    if (number < 3) throw new Error('down');
    return of('a');
  }).pipe(retryWithBackoff(constant(0))).subscribe();
  expect(tries).toStrictEqual([1, 2, 3]);
});

it('does not go into a source that is shared', () => {
  const seen: boolean[] = [];
  deadlineInside.pipe(detachContext(), share(), withDeadline(50)).subscribe((inside) => seen.push(inside));
  expect(seen).toStrictEqual([false]);
});

it('gives a deadline that children can only shorten', () => {
  const deadline = Deadline.after(1_000);
  expect(deadline.child({ share: 0.5, reserve: 100 }).remaining()).toBeLessThanOrEqual(400);
  expect(deadline.child({ cap: 5_000 }).remaining()).toBeLessThanOrEqual(1_000);
  expect(Deadline.at(0).isExpired()).toBe(true);
});
