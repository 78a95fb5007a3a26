import { defer, NEVER, of, throwError, timer } from 'rxjs';
import {
  bulkhead,
  circuitBreaker,
  constant,
  fallbackTo,
  fixedLimit,
  loadShed,
  loadShedder,
  policyRegistry,
  type PolicyRegistry,
  retryBudget,
  retryWithBackoff,
  withDeadline,
} from 'rxjs-resilience';
import { run } from './shop.js';

/** Names that a label has to carry as they are. */
export const wildNames: readonly string[] = ['"quoted"', 'back\\slash', 'two\nlines', 'cr\rlf', 'a,b={c="d"}', 'größe 🚀 日本', 'nul\0'];

export interface Traffic {
  readonly registry: PolicyRegistry;
  readonly stop: () => void;
}

/** A service with every trouble at once, in real time. */
export function traffic(): Traffic {
  const registry = policyRegistry();
  const slow = registry.register(circuitBreaker({ name: 'slow', failureThreshold: 1_000 }));
  const away = registry.register(circuitBreaker({ name: 'away', failureThreshold: 1, breakDuration: 600_000, required: true }));
  registry.register(circuitBreaker({ name: 'held' })).isolate();
  const retry = registry.register(retryWithBackoff(constant(1), { name: 'retry', maxRetries: 1, budget: false }));
  const budget = retryBudget({ ratio: 0, minPerSecond: 0, burst: 1 });
  const poor = registry.register(retryWithBackoff(constant(1), { name: 'poor', budget }));
  const pool = registry.register(bulkhead(2, 2, { name: 'pool' }));
  const time = registry.register(withDeadline(20, { name: 'time' }));
  const fallback = registry.register(fallbackTo(() => throwError(() => new Error('as well')), { name: 'fallback' }));
  const shedder = loadShedder({ name: 'shop', limit: fixedLimit(1) });
  const shed = registry.register(loadShed('critical', { name: 'shed', shedder }));
  registry.register(withDeadline(1_000, { name: 'rollout', mode: 'shadow' }));
  for (const name of wildNames) registry.register(circuitBreaker({ name }));

  const failing = throwError(() => ({ status: 503 }));
  run(NEVER.pipe(shed));
  let round = 0;
  const every = (): void => {
    round++;
    run(timer(10).pipe(slow));
    if (round % 3 === 0) run(failing.pipe(slow));
    run(failing.pipe(away));
    let tries = 0;
    run(defer(() => (++tries < 2 ? failing : of(1))).pipe(retry));
    run(failing.pipe(poor));
    for (let n = 0; n < 5; n++) run(timer(30).pipe(pool));
    run(NEVER.pipe(time));
    run(failing.pipe(fallback));
    run(of(1).pipe(shed));
  };
  const interval = setInterval(every, 50);
  return { registry, stop: () => clearInterval(interval) };
}
