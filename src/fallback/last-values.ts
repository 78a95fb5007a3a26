import { checkInteger, checkKeys, checkNumber, reading } from '../core/options.js';

/** What `lastValues` takes. */
export interface LastValuesOptions {
  /** Milliseconds for which a value may stand in, more than 0; `Infinity` for ever. */
  readonly maxAge: number;
  /** Keys kept, at least 1; the one that was longest not used goes first. Default 1,000. */
  readonly maxKeys?: number | undefined;
}

/** A value and when it was good. */
export interface LastValue {
  readonly value: unknown;
  readonly at: number;
}

/** The last good value for each key, least recently used first. */
export class LastValues<T> {
  declare private readonly ofType: T;
  /** The brand: another copy of the library has a class of its own. @internal */
  readonly '~lastValues' = true;
  private readonly kept: Map<unknown, LastValue> = new Map();

  /** @internal */
  constructor(
    readonly maxAge: number,
    private readonly maxKeys: number,
  ) {}

  /** Keys that are kept. */
  get size(): number {
    return this.kept.size;
  }

  /** Forgets one key: its value must not be shown any more. */
  delete(key: unknown): boolean {
    return this.kept.delete(key);
  }

  /** Forgets all keys. */
  clear(): void {
    this.kept.clear();
  }

  /** @internal */
  find(key: unknown): LastValue | undefined {
    const found = this.kept.get(key);
    if (found !== undefined) this.put(key, found);
    return found;
  }

  /** @internal */
  put(key: unknown, last: LastValue): void {
    this.kept.delete(key);
    this.kept.set(key, last);
    if (this.kept.size <= this.maxKeys) return;
    for (const oldest of this.kept.keys()) {
      this.kept.delete(oldest);
      break;
    }
  }
}

/**
 * Keeps last good values for `fallbackToLast(last, key)`. Where a value belongs to a user, the key has to contain that
 * user, or one would be shown another's.
 *
 * @throws TypeError, RangeError
 */
export function lastValues<T>(options: LastValuesOptions): LastValues<T> {
  return reading('lastValues', () => {
    const { maxAge, maxKeys = 1_000 } = checkKeys('options', options, ['maxAge', 'maxKeys']);
    return new LastValues(checkMaxAge(maxAge), checkInteger('maxKeys', maxKeys, 1));
  });
}

export function isLastValues(value: unknown): value is LastValues<unknown> {
  return (value as { readonly '~lastValues'?: unknown } | null | undefined)?.['~lastValues'] === true;
}

export function checkMaxAge(maxAge: unknown): number {
  return checkNumber('maxAge', maxAge, Number.MIN_VALUE, Infinity);
}
