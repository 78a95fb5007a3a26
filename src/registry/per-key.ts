import { asyncScheduler, Observable } from 'rxjs';
import { checkBoolean, checkFunction, checkInteger, checkKeys, checkName, checkNumber, reading, refusal } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';
import { KeyedPolicies, type KeyedSetup } from './keyed-policies.js';
import type { KeyedPolicy, PerKey, PerKeyOptions } from './keyed-types.js';

/**
 * A policy for each origin, tenant or shard, made with its first call. Keys may come from users: there are never more
 * than `maxKeys`, and twice as many while none of them can go.
 *
 * A key leaves when its last call ended `idleAfter` ago, and the one whose last call ended first when another needs its
 * place; never one with calls in flight, nor one of which a breaker is not closed. It leaves with the next call of any
 * key: no timer waits for that. Its policy is disposed, so its streams complete. Where no key can go, further ones share
 * one policy, `make(overflowKey)`, whose breaker never opens by itself, and which is disposed when it has been idle.
 *
 * While `maxOpenShare` of the keys have a breaker that is not closed, no further one opens by itself (`heldClosed`).
 *
 * Values, errors and unsubscription pass as the policy of the key lets them. A call that needs a policy which `make`
 * cannot give ends with the error that it throws, or a TypeError for what is no policy, and nothing is left of it.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range; TypeError for a key
 * that is no string
 *
 * ```ts
 * const perOrigin = perKey((origin) => circuitBreaker({ name: origin }), { maxKeys: 200 });
 * const get = (url: URL) => attempt(({ signal }) => fetch(url, { signal })).pipe(perOrigin(url.origin));
 * ```
 */
export function perKey<P extends KeyedPolicy>(make: (key: string) => P, options: PerKeyOptions = {}): PerKey<P> {
  const setup = reading('perKey', () => {
    checkFunction('make', make);
    return readPerKey(options);
  });
  const policies = new KeyedPolicies(make, setup);
  const of = (key: string): ((source: Observable<never>) => Observable<unknown>) => {
    if (typeof key !== 'string') throw refusal('key', 'a string', key);
    return (source) => new Observable((subscriber) => policies.run(key, source, subscriber));
  };
  return Object.defineProperties(of, {
    name: { value: setup.name, configurable: true },
    size: { get: () => policies.size, enumerable: true },
    keys: { value: () => policies.keys() },
    get: { value: (key: string) => policies.get(key) },
    health$: { value: policies.health.health$, enumerable: true },
    events$: { value: policies.events.stream, enumerable: true },
    dispose: { value: () => policies.dispose() },
  }) as unknown as PerKey<P>;
}

function readPerKey(options: PerKeyOptions): KeyedSetup {
  const given = checkKeys('options', options, ['name', 'maxKeys', 'idleAfter', 'maxOpenShare', 'required', 'scheduler']);
  const { name = 'perKey', maxKeys = 1_000, idleAfter = 600_000, maxOpenShare = 1 } = given;
  const { required = false, scheduler } = given;
  checkName('name', name);
  checkInteger('maxKeys', maxKeys, 1, 1_000_000);
  checkNumber('idleAfter', idleAfter, 0, Infinity);
  checkNumber('maxOpenShare', maxOpenShare, Number.MIN_VALUE, 1);
  checkBoolean('required', required);
  checkScheduler(scheduler);
  return { name, maxKeys, idleAfter, maxOpenShare, required, scheduler: scheduler ?? asyncScheduler };
}
