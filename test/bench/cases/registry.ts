import type { Observable } from 'rxjs';
import { bulkhead, circuitBreaker, fallbackToValue, type Policy, policyRegistry, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { calls, subscribing } from '../calls.ts';
import type { Case, Contender } from '../case.ts';
import { allowed, room } from '../contenders/ours.ts';
import { microtask, sync } from '../sources.ts';

type Piped = Policy & ((source: Observable<number>) => Observable<number>);
type Look = (policies: readonly Policy[]) => void;

const five = (): Piped[] =>
  [withDeadline(allowed), bulkhead(room), circuitBreaker(), retryWithBackoff(), fallbackToValue(0)] as Piped[];
const breaker = (): Piped[] => [circuitBreaker() as Piped];

const outside: Look = () => {};

const registered: Look = (policies) => {
  const registry = policyRegistry();
  for (const policy of policies) registry.register(policy);
};

/** A hundred who look at each, and at all of them. */
const watched: Look = (policies) => {
  const registry = policyRegistry();
  for (const policy of policies) registry.register(policy);
  for (let i = 0; i < 100; i += 1) {
    registry.health$.subscribe();
    for (const policy of policies) {
      policy.health$.subscribe();
      if ('state$' in policy) (policy as ReturnType<typeof circuitBreaker>).state$.subscribe();
    }
  }
};

function contender(make: () => Piped[], source: Observable<number>, look: Look): Contender {
  const policies = make();
  look(policies);
  return calls(subscribing(policies.reduce((piped, policy) => piped.pipe(policy), source)));
}

const rows = [
  { name: 'a breaker, sync source', make: breaker, source: sync },
  { name: 'five stacked, microtask source', make: five, source: microtask },
];

export const registryCases: readonly Case[] = rows.map(
  ({ name, make, source }): Case => ({
    group: 'in a registry',
    name,
    base: 'outside',
    contenders: () => ({
      outside: contender(make, source, outside),
      ours: contender(make, source, registered),
      '100 subscribers of health$ and state$': contender(make, source, watched),
    }),
    targets: [
      { against: 'outside', atMost: 1.15 },
      { against: 'outside', atMost: 1.15, of: '100 subscribers of health$ and state$' },
    ],
  }),
);
