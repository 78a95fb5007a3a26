import { checkInteger, checkKeys, checkName, reading } from '../core/options.js';
import { PolicyShelf } from './policy-shelf.js';
import type { PolicyRegistry, PolicyRegistryOptions } from './registry-types.js';

/**
 * Knows the policies of a service by name: for a dashboard, for metrics, for health endpoints. There is no global one;
 * make it where the policies are made.
 *
 * A name is unique within its kind. A call pays nothing for standing in a registry: only while `events$` has a
 * subscriber do the policies make events for it, and one that is registered meanwhile is attached before it is handed
 * out. What moves a policy itself (opened, closed, isolated, released, reset) is kept in a ring of `history` entries,
 * observed or not.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 *
 * ```ts
 * const registry = policyRegistry();
 * const catalog = registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 5 }));
 * registry.health$.subscribe(show);
 * ```
 */
export function policyRegistry(options: PolicyRegistryOptions = {}): PolicyRegistry {
  return reading('policyRegistry', () => {
    const { name = 'policies', history = 100 } = checkKeys('options', options, ['name', 'history']);
    return new PolicyShelf(checkName('name', name), checkInteger('history', history, 0, 100_000));
  });
}
