import * as fc from 'fast-check';

/** What code of ours reads of an error. */
const read = [
  ...['name', 'message', 'code', 'status', 'statusCode', 'response', '$metadata', 'networkError', 'metadata', 'cause', 'error', 'config', 'headers'],
  ...['retryAfter', '__CANCEL__', '~resilience', '~rejected', '~httpStatus', 'getStatus', 'getError', 'stack', 'toString', 'toJSON', 'then'],
];
const keys: readonly PropertyKey[] = [...read, Symbol.toPrimitive, Symbol.toStringTag];

const trap = (): never => {
  throw new Error('an accessor');
};

const harmless = fc.constantFrom<unknown>(undefined, null, 0, 404, 503, 'x', 'CERT_HAS_EXPIRED', 'AbortError', 'TypeError', true, {}, []);

/** Of some class, with properties of every kind, and some of them throw. */
const thorny = fc
  .tuple(
    fc.constantFrom<() => object>(
      () => ({}),
      () => new Error('x'),
      () => new TypeError('fetch failed'),
      () => new DOMException('x', 'AbortError'),
      () => () => undefined,
      () => Object.create(null) as object,
      () => Object.create({ '~resilience': true, '~rejected': true, code: 'CIRCUIT_OPEN' }) as object,
    ),
    fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...read), harmless, { maxKeys: 3 }),
  )
  .map(([make, throwing, values]) => () => {
    const error = make();
    for (const [key, value] of Object.entries(values)) Object.defineProperty(error, key, { value, configurable: true });
    for (const key of throwing) Object.defineProperty(error, key, { get: trap, configurable: true });
    return error;
  });

/** A proxy that was revoked: everything that is done to it throws. */
const revoked = fc.constantFrom<() => object>(() => ({}), () => new Error('x'), () => [], () => () => undefined).map((make) => () => {
  const { proxy, revoke } = Proxy.revocable(make(), {});
  revoke();
  return proxy;
});

/** A proxy that throws once so many things were done to it. */
const wearing = fc.nat(12).map((times) => () => {
  let done = 0;
  const count = <R>(act: () => R): R => (done++ < times ? act() : trap());
  return new Proxy(new TypeError('fetch failed'), {
    get: (target, key, receiver) => count(() => Reflect.get(target, key, receiver) as unknown),
    has: (target, key) => count(() => Reflect.has(target, key)),
    getPrototypeOf: (target) => count(() => Reflect.getPrototypeOf(target)),
    getOwnPropertyDescriptor: (target, key) => count(() => Reflect.getOwnPropertyDescriptor(target, key)),
    ownKeys: (target) => count(() => Reflect.ownKeys(target)),
  });
});

const plain = fc.oneof(thorny, revoked, wearing);

/** Makes an error of a dependency that throws wherever it likes, also as the cause of another one. */
export const hostileError: fc.Arbitrary<() => object> = fc.oneof(
  { weight: 3, arbitrary: plain },
  { weight: 1, arbitrary: plain.map((cause) => () => new Error('x', { cause: cause() })) },
  { weight: 1, arbitrary: plain.map((error) => () => ({ status: 0, error: error() })) },
  { weight: 1, arbitrary: plain.map((response) => () => ({ response: response() })) },
  { weight: 1, arbitrary: plain.map((headers) => () => ({ status: 503, headers: headers() })) },
);
