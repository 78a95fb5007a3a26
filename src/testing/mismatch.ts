import { describeValue } from './describe-value.js';
import { equal } from './equal.js';
import { Letters } from './letters.js';
import type { Moment } from './moment.js';
import { draw } from './picture.js';

/** What did not come as expected: text for people, and two values for the diff of a runner. */
export interface Mismatch {
  readonly text: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

/** So many differences are told one by one. */
const told = 10;

/** Undefined where everything came as expected. `named`: the expected moments with their letters as values. */
export function compareMoments(
  actual: readonly Moment[],
  expected: readonly Moment[],
  named?: readonly Moment[],
): Mismatch | undefined {
  const differences = differencesOf(actual, expected, named);
  const [first] = differences;
  if (first === undefined) return undefined;
  const letters = new Letters(expected, named);
  const signs = [expected, actual].map((moments) => moments.map((moment) => [moment.frame, letters.of(moment)] as const));
  const { lines, column } = draw(signs);
  const at = column(first.frame);
  const more = differences.length - told;
  return {
    text: [
      ...rows(['expected', 'actual'], lines),
      ...(at === undefined ? [] : [`${' '.repeat(margin + at)}^`]),
      ...differences.slice(0, told).map(({ text }) => text),
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
  const plainLogs = (logs: readonly SubscriptionMoments[]): SubscriptionMoments[] =>
    logs.map(({ subscribedFrame, unsubscribedFrame }) => ({ subscribedFrame, unsubscribedFrame }));
  const [is, wanted] = [plainLogs(actual), plainLogs(expected)];
  if (equal(is, wanted)) return undefined;
  const signs = [...wanted, ...is].map(({ subscribedFrame, unsubscribedFrame }) =>
    unsubscribedFrame === Infinity ? [[subscribedFrame, '^'] as const] : ([[subscribedFrame, '^'], [unsubscribedFrame, '!']] as const),
  );
  const labels = [...wanted.map(() => 'expected'), ...is.map(() => 'actual')];
  const none = (['expected', 'actual'] as const).filter((label) => !labels.includes(label)).map((label) => `${label.padEnd(margin)}none`);
  return { text: [...rows(labels, draw(signs).lines), ...none].join('\n'), actual: is, expected: wanted };
}

/** The width of a label. */
const margin = 10;

function rows(labels: readonly string[], lines: readonly (string | undefined)[]): readonly string[] {
  return lines.map((line, i) => `${labels[i]!.padEnd(margin)}${line ?? 'cannot be drawn: it happens within the brackets, or between two frames'}`);
}

interface Difference {
  readonly frame: number;
  readonly text: string;
}

function differencesOf(
  actual: readonly Moment[],
  expected: readonly Moment[],
  named: readonly Moment[] | undefined,
): readonly Difference[] {
  const frames = [...new Set([...actual, ...expected].map(({ frame }) => frame))].sort((a, b) => a - b);
  return frames.flatMap((frame) => {
    const is = actual.filter((moment) => moment.frame === frame);
    const wanted = expected.filter((moment) => moment.frame === frame);
    return Array.from({ length: Math.max(is.length, wanted.length) }, (_, i): Difference | undefined => {
      if (sameMoment(is[i], wanted[i])) return undefined;
      const letter = named?.[expected.indexOf(wanted[i]!)];
      return { frame, text: `frame ${frame}: expected ${tell(wanted[i], letter)}, got ${tell(is[i])}` };
    }).filter((difference) => difference !== undefined);
  });
}

function sameMoment(actual: Moment | undefined, expected: Moment | undefined): boolean {
  if (actual === undefined || expected === undefined) return false;
  const [is, wanted] = [actual.notification, expected.notification];
  if (is.kind === 'N') return wanted.kind === 'N' && equal(is.value, wanted.value);
  if (is.kind === 'E') return wanted.kind === 'E' && equal(is.error, wanted.error);
  return wanted.kind === 'C';
}

function tell(moment: Moment | undefined, named?: Moment): string {
  if (moment === undefined) return 'nothing';
  const { notification } = moment;
  if (notification.kind === 'C') return 'completion';
  if (notification.kind === 'E') return `the error ${describeValue(notification.error)}`;
  const letter = named?.notification.kind === 'N' ? named.notification.value : undefined;
  const isSaid = letter === undefined || letter === notification.value;
  return `the value ${isSaid ? '' : `${letter as string} = `}${describeValue(notification.value)}`;
}

function plain({ frame, notification }: Moment): object {
  if (notification.kind === 'N') return { frame, next: notification.value };
  if (notification.kind === 'E') return { frame, error: notification.error as unknown };
  return { frame, complete: true };
}
