import { pairs, tell } from './differences.js';
import { equal } from './equal.js';
import { Letters } from './letters.js';
import { type Moment, toMicro } from './moment.js';
import { draw, type Signs } from './picture.js';

/** What did not come as expected: text for people, and two values for the diff of a runner. */
export interface Mismatch {
  readonly text: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

/** What a test has written: the moments with their letters as values, and what letters stand for, if they do. */
export interface Written {
  readonly named: readonly Moment[];
  readonly values: unknown;
}

/** So many differences are told one by one. */
const told = 10;

/** Undefined where everything came as expected. */
export function compareMoments(is: readonly Moment[], wanted: readonly Moment[], written?: Written): Mismatch | undefined {
  const [actual, expected] = [is.map(rounded), wanted.map(rounded)];
  const paired = pairs(actual, expected, written?.named ?? []);
  const differences = paired.filter(({ isSame }) => !isSame);
  const [first] = differences;
  if (first === undefined) return undefined;
  const letters = new Letters(known(written));
  const expectedSigns: Signs = paired.flatMap(({ expected, letter, frame }) =>
    expected === undefined ? [] : [[frame, letter ?? letters.of(expected)] as const],
  );
  const actualSigns: Signs = paired.flatMap(({ actual, letter, isSame, frame }) =>
    actual === undefined ? [] : [[frame, isSame && letter !== undefined ? letter : letters.of(actual)] as const],
  );
  const { lines, column } = draw([expectedSigns, actualSigns]);
  const at = column(first.frame);
  const more = differences.length - told;
  return {
    text: [
      ...rows(['expected', 'actual'], at === undefined ? lines : [...lines, `${' '.repeat(at)}^`], at),
      ...differences.slice(0, told).map(tell),
      ...(more > 0 ? [`and ${more} more`] : []),
      ...letters.legend(),
    ].join('\n'),
    actual: actual.map(plain),
    expected: expected.map(plain),
  };
}

/** What RxJS notes of a subscription. */
export interface SubscriptionMoments {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

export function compareSubscriptions(
  actual: readonly SubscriptionMoments[],
  expected: readonly SubscriptionMoments[],
): Mismatch | undefined {
  const [is, wanted] = [actual.map(plainSubscription), expected.map(plainSubscription)];
  if (equal(is, wanted)) return undefined;
  const labels = [...wanted.map(() => 'expected'), ...is.map(() => 'actual')];
  const { lines } = draw([...wanted, ...is].map(signsOf));
  const none = ['expected', 'actual'].filter((label) => !labels.includes(label)).map((label) => `${label.padEnd(margin)}none`);
  return { text: [...rows(labels, lines), ...none].join('\n'), actual: is, expected: wanted };
}

/** The width of a label. */
const margin = 10;

/** So wide is a picture; what stands further from the first difference is left out. */
const width = 150;

function rows(labels: readonly string[], lines: readonly (string | undefined)[], at = 0): readonly string[] {
  const undrawable = 'no diagram can show it: something happens within the time of brackets';
  const longest = Math.max(...lines.map((line) => line?.length ?? 0));
  const from = Math.max(0, Math.min(at - width / 2, longest - width));
  return lines.map((line, i) => `${(labels[i] ?? '').padEnd(margin)}${line === undefined ? undrawable : cut(line, from)}`);
}

function cut(line: string, from: number): string {
  const rest = line.slice(from, from + width);
  // Spaces before a sign keep its column.
  return `${from > 0 && !line.startsWith(' ') ? '…' : ''}${from > 0 && line.startsWith(' ') ? ' ' : ''}${rest}${line.length > from + width ? '…' : ''}`;
}

function known(written: Written | undefined): ReadonlyMap<string, unknown> {
  if (typeof written?.values === 'object' && written.values !== null) return new Map(Object.entries(written.values));
  const letters = written?.named.flatMap(({ notification }) => (notification.kind === 'N' ? [notification.value as string] : []));
  return new Map(letters?.map((letter) => [letter, letter]));
}

function rounded({ frame, notification }: Moment): Moment {
  return { frame: toMicro(frame), notification };
}

function plain({ frame, notification }: Moment): object {
  if (notification.kind === 'N') return { frame, next: notification.value };
  if (notification.kind === 'E') return { frame, error: notification.error as unknown };
  return { frame, complete: true };
}

function plainSubscription({ subscribedFrame, unsubscribedFrame }: SubscriptionMoments): SubscriptionMoments {
  return { subscribedFrame: toMicro(subscribedFrame), unsubscribedFrame: toMicro(unsubscribedFrame) };
}

function signsOf({ subscribedFrame, unsubscribedFrame }: SubscriptionMoments): Signs {
  return [[subscribedFrame, '^'], ...(unsubscribedFrame === Infinity ? [] : [[unsubscribedFrame, '!'] as const])];
}
