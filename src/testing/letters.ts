import { describeValue } from './describe-value.js';
import { equal } from './equal.js';
import type { Moment } from './moment.js';

const spare = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

/** Which letter stands for which value, in both diagrams of a mismatch. */
export class Letters {
  /** What was given a letter here, because nothing that has one is equal to it. */
  private readonly others: Map<string, unknown> = new Map();

  /** `known`: what the letters of the test stand for. */
  constructor(private readonly known: ReadonlyMap<string, unknown>) {}

  of({ notification }: Moment): string {
    if (notification.kind === 'C') return '|';
    if (notification.kind === 'E') return '#';
    const { value } = notification;
    for (const [letter, other] of [...this.known, ...this.others]) if (equal(value, other)) return letter;
    const isFree = (letter: string): boolean => !this.known.has(letter) && !this.others.has(letter);
    const itself = typeof value === 'string' && /^[a-z]$/i.test(value) && isFree(value);
    const letter = itself ? value : (spare.find(isFree) ?? '*');
    this.others.set(letter, value);
    return letter;
  }

  /** What stands for what was not expected anywhere. */
  legend(): readonly string[] {
    return [...this.others].filter(([letter, value]) => letter !== value).map(([letter, value]) => `${letter} = ${describeValue(value)}`);
  }
}
