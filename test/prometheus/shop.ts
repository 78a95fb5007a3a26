import { type Observable, of, throwError, timer } from 'rxjs';
import {
  bulkhead,
  type Bulkhead,
  circuitBreaker,
  type CircuitBreaker,
  constant,
  fallbackToValue,
  fixedLimit,
  loadShed,
  loadShedder,
  type Policy,
  policyRegistry,
  type PolicyRegistry,
  retryWithBackoff,
  withDeadline,
} from 'rxjs-resilience';
import { virtual } from '../virtual.js';

export type Operator = <T>(source: Observable<T>) => Observable<T>;

export interface Shop {
  readonly registry: PolicyRegistry;
  readonly breaker: CircuitBreaker;
  readonly retry: Policy & Operator;
  readonly pool: Bulkhead;
  readonly deadline: Policy & Operator;
  readonly fallback: Policy & Operator;
  readonly shed: Policy & Operator;
  readonly advance: (ms: number) => void;
  /** A source that gives its value after so many milliseconds. */
  readonly after: (ms: number) => Observable<string>;
}

/** A registry with a policy of every kind, in virtual time. */
export function shop(): Shop {
  const { advance, scheduler } = virtual();
  const registry = policyRegistry();
  const common = { scheduler };
  const shedder = loadShedder({ name: 'shop', limit: fixedLimit(2), scheduler });
  return {
    registry,
    breaker: registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 3, breakDuration: 1_000, successThreshold: 1, ...common })),
    retry: registry.register(retryWithBackoff(constant(10), { name: 'retries', maxRetries: 2, ...common })),
    pool: registry.register(bulkhead(1, 1, { name: 'pool', ...common })),
    deadline: registry.register(withDeadline(100, { name: 'time', ...common })) as Shop['deadline'],
    fallback: registry.register(fallbackToValue('stale', { name: 'stale', ...common })) as Shop['fallback'],
    shed: registry.register(loadShed('sheddable', { name: 'shed', shedder, ...common })) as Shop['shed'],
    advance,
    after: (ms) => timer(ms, scheduler) as unknown as Observable<string>,
  };
}

/** Subscribes, and takes no notice of what comes. */
export function run(source: Observable<unknown>): () => void {
  const subscription = source.subscribe({ error: () => undefined });
  return () => subscription.unsubscribe();
}

export const ok: Observable<string> = of('ok');
export const failing: Observable<never> = throwError(() => ({ status: 503 }));
