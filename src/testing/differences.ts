import { describeValue } from './describe-value.js';
import { equal } from './equal.js';
import type { Moment } from './moment.js';

/** What happened, and what was expected, at one place of one frame. */
export interface Pair {
  readonly frame: number;
  readonly actual: Moment | undefined;
  readonly expected: Moment | undefined;
  /** The letter that the test has written for `expected`. */
  readonly letter: string | undefined;
  readonly isSame: boolean;
}

/** By frame, and within it in the order in which it happened. `named`: the expected moments with letters as values. */
export function pairs(actual: readonly Moment[], expected: readonly Moment[], named: readonly Moment[]): readonly Pair[] {
  const frames = [...new Set([...actual, ...expected].map(({ frame }) => frame))].sort((a, b) => a - b);
  const happened = byFrame(actual, ({ frame }) => frame);
  const awaited = byFrame(
    expected.map((moment, i) => ({ moment, letter: letterOf(named[i]) })),
    ({ moment }) => moment.frame,
  );
  return frames.flatMap((frame) => {
    const is = happened.get(frame) ?? [];
    const wanted = awaited.get(frame) ?? [];
    return Array.from({ length: Math.max(is.length, wanted.length) }, (_, i) => {
      const { moment, letter } = wanted[i] ?? {};
      return { frame, actual: is[i], expected: moment, letter, isSame: isSame(is[i], moment) };
    });
  });
}

export function byFrame<T>(items: readonly T[], frameOf: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const found = new Map<number, T[]>();
  for (const item of items) {
    const others = found.get(frameOf(item));
    if (others === undefined) found.set(frameOf(item), [item]);
    else others.push(item);
  }
  return found;
}

/** A difference as a sentence. */
export function tell({ frame, actual, expected, letter }: Pair): string {
  return `frame ${frame}: expected ${tellMoment(expected, letter)}, got ${tellMoment(actual)}`;
}

function letterOf(named: Moment | undefined): string | undefined {
  return named?.notification.kind === 'N' ? (named.notification.value as string) : undefined;
}

function isSame(actual: Moment | undefined, expected: Moment | undefined): boolean {
  if (actual === undefined || expected === undefined) return false;
  const [is, wanted] = [actual.notification, expected.notification];
  if (is.kind === 'N') return wanted.kind === 'N' && equal(is.value, wanted.value);
  if (is.kind === 'E') return wanted.kind === 'E' && equal(is.error, wanted.error);
  return wanted.kind === 'C';
}

function tellMoment(moment: Moment | undefined, letter?: string): string {
  if (moment === undefined) return 'nothing';
  const { notification } = moment;
  if (notification.kind === 'C') return 'completion';
  if (notification.kind === 'E') return `the error ${describeValue(notification.error)}`;
  const isItself = letter === undefined || letter === notification.value;
  return `the value ${isItself ? '' : `${letter} = `}${describeValue(notification.value)}`;
}
