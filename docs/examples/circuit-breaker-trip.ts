import { anyOf, circuitBreaker, failureCount, failureRate, slowCallRate } from 'rxjs-resilience';

/** Much traffic: a share of it, of failures or of slow answers. */
export const search = circuitBreaker({
  name: 'search',
  trip: anyOf(
    failureRate({ threshold: 0.5, window: { time: 10_000 }, minimumCalls: 50 }),
    slowCallRate({ threshold: 0.8, slowerThan: 2_000, window: { time: 30_000 } }),
  ),
});

/** A few calls an hour: three of the last five. */
export const reports = circuitBreaker({ name: 'reports', trip: failureCount({ failures: 3, window: { calls: 5 } }) });

/** A stream that lives long is a success with its first value. */
export const feed = circuitBreaker({ name: 'feed', settleOn: 'firstValue' });

/** An answer that says in its own way that it is none. */
const isOverloaded = (value: unknown) => (value as { state?: string }).state === 'overloaded';
export const tickets = circuitBreaker({ name: 'tickets', isFailureValue: isOverloaded });
