type Method = (...given: unknown[]) => unknown;

/**
 * `wrapper` as the function that stands in the place of `original`: with its name and length. It inherits from `original`,
 * so that metadata and other properties are found on it, also those that are written to `original` later.
 */
export function inFrontOf<F extends Method>(original: Method, wrapper: F): F {
  Object.setPrototypeOf(wrapper, original);
  const { name, length } = original;
  return Object.defineProperties(wrapper, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
}
