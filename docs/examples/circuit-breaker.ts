import { attempt, circuitBreaker, fallbackTo, isCircuitOpenError, withDeadline } from 'rxjs-resilience';
import { of } from 'rxjs';

const prices = circuitBreaker({ name: 'prices', failureThreshold: 5, breakDuration: 10_000 });

export const priceOf = (id: string) =>
  attempt(({ signal }) => fetch(`/prices/${id}`, { signal })).pipe(
    withDeadline(800), // a call that hangs is a failure too
    prices,
    fallbackTo((error) => of(isCircuitOpenError(error) ? 'back soon' : 'not known')),
  );

prices.state$.subscribe((state) => console.log(`prices: ${state}`)); // prices: closed
