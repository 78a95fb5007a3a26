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

/** A value made of decimal digits only; null for signs, fractions, lists, hexadecimals, and what no request waits for. */
export function readDigits(value: string, most: number = longest): number | null {
  const text = trimmed(value);
  if (!/^\d{1,15}$/.test(text)) return null;
  const number = Number(text);
  return number <= most ? number : null;
}

/** Without the blanks that HTTP allows around a value. */
export function trimmed(value: unknown): string {
  return typeof value === 'string' ? value.replace(/^[ \t]+|[ \t]+$/g, '') : '';
}
