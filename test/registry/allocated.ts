/**
 * Prints what a call allocates, in bytes: of policies outside a registry, in one, and observed by a hundred. Runs with a
 * young generation that holds everything that 100,000 calls allocate, so that nothing is collected meanwhile.
 */
import { type Observable, of } from 'rxjs';
import { bulkhead, circuitBreaker, fallbackToValue, type Policy, policyRegistry, retryWithBackoff, withDeadline } from '../../src/index.js';

type Piped = Policy & ((source: Observable<number>) => Observable<number>);

const times = 100_000;

function calls(look: (policies: readonly Policy[]) => void): () => void {
  const policies = [
    ...[withDeadline(60_000), bulkhead(10), circuitBreaker()],
    ...[retryWithBackoff(), fallbackToValue(0)],
  ] as unknown as readonly Piped[];
  look(policies);
  const piped = policies.reduce((source, policy) => source.pipe(policy), of(1));
  const observer = { next: () => undefined };
  return () => {
    for (let i = 0; i < times; i++) piped.subscribe(observer);
  };
}

function register(policies: readonly Policy[]): ReturnType<typeof policyRegistry> {
  const registry = policyRegistry();
  for (const policy of policies) registry.register(policy);
  return registry;
}

const ways = {
  outside: calls(() => undefined),
  registered: calls(register),
  watched: calls((policies) => {
    const registry = register(policies);
    for (let i = 0; i < 100; i++) {
      registry.health$.subscribe();
      for (const policy of policies) policy.health$.subscribe();
      (policies[2] as unknown as ReturnType<typeof circuitBreaker>).state$.subscribe();
    }
  }),
};

function allocated(run: () => void): number {
  gc!();
  const before = process.memoryUsage().heapUsed;
  run();
  // The few kilobytes around the calls are not theirs.
  return Math.round((process.memoryUsage().heapUsed - before) / times);
}

const bytes = Object.entries(ways).map(([way, run]) => {
  // What the first call of all makes is there then.
  run();
  return [way, allocated(run)];
});
console.log(JSON.stringify(Object.fromEntries(bytes)));
