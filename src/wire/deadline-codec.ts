/** How a deadline is written into a header, and read from it. */
export interface DeadlineCodec {
  /** As it is sent; received names are compared without regard to case. */
  readonly header: string;
  /**
   * @param remaining milliseconds that are left, at least 0
   * @param now epoch milliseconds
   */
  encode(remaining: number, now: number): string;
  /** Milliseconds that are left, or null for what cannot be read. Never throws. */
  decode(value: string, now: number): number | null;
}

/** What is longer says nothing: no request waits for years, and it would not fit a timer. */
const longest = 2 ** 31 - 1;

/** Whole milliseconds, never more than are left, as no header may promise more. */
export function wholeMilliseconds(remaining: number): number {
  return Number.isNaN(remaining) ? 0 : Math.min(longest, Math.max(0, Math.floor(remaining)));
}

/** No header of ours has more characters. */
const mostCharacters = 64;

/**
 * A value made of decimal digits only, with the blanks around it that HTTP allows; null for signs, fractions, lists,
 * hexadecimals, and what no request waits for.
 */
export function readDigits(value: string, most: number = longest): number | null {
  const digits = matched(value, /^[ \t]*(\d{1,15})[ \t]*$/)?.[1];
  const number = Number(digits ?? NaN);
  return number <= most ? number : null;
}

/** Applies a pattern to the text of a stranger. A text that is too long is not looked at. */
export function matched(value: unknown, pattern: RegExp): RegExpExecArray | null {
  return typeof value === 'string' && value.length <= mostCharacters ? pattern.exec(value) : null;
}
