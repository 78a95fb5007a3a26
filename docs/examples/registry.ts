import { circuitBreaker, policyRegistry, withDeadline } from 'rxjs-resilience';

export const registry = policyRegistry();

export const catalog = registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 5 }));
export const deadline = registry.register(withDeadline(800, { name: 'catalog' }));

// For people: what is wrong at this moment, and what was it before I looked?
registry.health$.subscribe(({ status, components }) => console.log(status, Object.keys(components ?? {})));
for (const { id, event } of registry.history()) console.log(id, event.policy, event.type);

// By name, from a console or an endpoint of your own.
registry.get('catalog', 'circuitBreaker')?.reset('by hand');
