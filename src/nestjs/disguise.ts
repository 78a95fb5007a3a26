import { read } from '../core/read.js';

const originalKey: unique symbol = Symbol('original');

/**
 * `error` as a policy is to see it: the same object to everybody who asks it, but for what `as` says. `undisguised` gives
 * the error itself back. What the user is shown is never one of these.
 */
export function disguised(error: object, as: Readonly<Record<string, unknown>>): object {
  const said = { ...as, [originalKey]: error };
  const properties = Reflect.ownKeys(said).map((key) => [key, { value: said[key as keyof typeof said] }]);
  return Object.create(error, Object.fromEntries(properties) as PropertyDescriptorMap) as object;
}

export function undisguised(error: unknown): unknown {
  return read(error, originalKey) ?? error;
}
