import {
  bulkhead, circuitBreaker, consecutiveFailures, fallbackTo, fallbackToLast, loadShed, loadShedder, retryWithBackoff, withDeadline,
} from 'rxjs-resilience';
import { expectTypeOf, it } from 'vitest';

it('does not compile what is no option', () => {
  // @ts-expect-error: an unknown option
  circuitBreaker({ treshold: 5 });
  // @ts-expect-error: a string is no number
  circuitBreaker({ failureThreshold: '5' });
  // @ts-expect-error: a mode that does not exist
  circuitBreaker({ mode: 'off' });
  // @ts-expect-error: an option of the factory only
  circuitBreaker().update({ initialState: 'open' });
  // @ts-expect-error: a number is no strategy
  retryWithBackoff(3);
  // @ts-expect-error: true is no budget
  retryWithBackoff({ budget: true });
  // @ts-expect-error: the number of permits has no default
  bulkhead();
  // @ts-expect-error: an order that does not exist
  bulkhead(1, { size: 1, order: 'random' });
  // @ts-expect-error: a string is no time
  withDeadline('100');
  // @ts-expect-error: an unknown setting
  withDeadline({ timeout: 100 });
  // @ts-expect-error: an array would emit its elements
  fallbackTo([1, 2]);
  // @ts-expect-error: a string would emit its characters
  fallbackTo('none');
  // @ts-expect-error: how old the value may be has no default
  fallbackToLast({});
  // @ts-expect-error: a priority that does not exist
  loadShed('urgent');
  // @ts-expect-error: the most important is never shed by a signal
  loadShedder({ ceilings: { criticalPlus: 1 } });
});

it('leaves trip beside failureThreshold to the run', () => {
  expectTypeOf(circuitBreaker).toBeCallableWith({ trip: consecutiveFailures(1), failureThreshold: 1 });
});
