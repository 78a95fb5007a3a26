import { isMatch } from './matches.js';

/** Pairs that are being compared further out: a circle is equal where it closes at the same pair. */
type Path = readonly (readonly [actual: object, expected: object])[];

/**
 * Strict and deep: types, own keys (also those that are `undefined`) and order in arrays count, `NaN` equals itself and
 * 0 does not equal -0. What stands in `expected` may be a `Match`, which then decides.
 */
export function equal(actual: unknown, expected: unknown, path: Path = []): boolean {
  if (isMatch(expected)) return expected.asymmetricMatch(actual);
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) return false;
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return false;
  const met = path.find(([outer]) => outer === actual);
  if (met !== undefined) return met[1] === expected;
  return sameContent(actual, expected, [...path, [actual, expected]]);
}

function sameContent(actual: object, expected: object, path: Path): boolean {
  const tag = tagOf(actual);
  if (tag !== tagOf(expected)) return false;
  switch (tag) {
    case 'Date':
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'Symbol':
    case 'BigInt':
      return Object.is(actual.valueOf(), expected.valueOf()) && sameKeys(actual, expected, path);
    case 'RegExp':
    case 'URL':
    case 'URLSearchParams':
      return textOf(actual) === textOf(expected) && sameKeys(actual, expected, path);
    case 'Error':
    case 'DOMException':
      return ['name', 'message', 'cause', 'errors'].every((key) => sameAt(actual, expected, key, path)) && sameKeys(actual, expected, path);
    case 'Map':
      return sameEntries([...(actual as Map<unknown, unknown>)], [...(expected as Map<unknown, unknown>)], path);
    case 'Set':
      return sameEntries([...(actual as Set<unknown>)], [...(expected as Set<unknown>)], path);
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      return equal(new Uint8Array(actual as ArrayBuffer), new Uint8Array(expected as ArrayBuffer), path);
    case 'DataView': {
      const bytes = ({ buffer, byteOffset, byteLength }: DataView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);
      return equal(bytes(actual as DataView), bytes(expected as DataView), path);
    }
    case 'Array':
      return (actual as unknown[]).length === (expected as unknown[]).length && sameKeys(actual, expected, path);
    case 'Object':
    case 'Arguments':
      return sameKeys(actual, expected, path);
    default:
      // A `Response`, a `Promise` or an `AbortSignal` has inside what cannot be seen: without keys only itself is equal.
      return (ArrayBuffer.isView(actual) || keysOf(actual).length > 0) && sameKeys(actual, expected, path);
  }
}

/** Classes whose text is their content. */
const textOf = (value: object): string => (value as URL).toString();

const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

function keysOf(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}

function sameKeys(actual: object, expected: object, path: Path): boolean {
  const keys = keysOf(expected);
  return keys.length === keysOf(actual).length && keys.every((key) => sameAt(actual, expected, key, path));
}

/** The same key on both sides, inherited or not, or on neither. */
function sameAt(actual: object, expected: object, key: PropertyKey, path: Path): boolean {
  if (Object.hasOwn(actual, key) !== Object.hasOwn(expected, key)) return false;
  const at = key as keyof object;
  return equal(actual[at], expected[at], path);
}

/** In any order, each with one of its own on the other side. */
function sameEntries(actual: readonly unknown[], expected: readonly unknown[], path: Path): boolean {
  if (actual.length !== expected.length) return false;
  const left = [...actual];
  return expected.every((wanted) => {
    const found = left.findIndex((entry) => equal(entry, wanted, path));
    if (found < 0) return false;
    left.splice(found, 1);
    return true;
  });
}
