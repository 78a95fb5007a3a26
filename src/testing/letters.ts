import { equal } from './equal.js';
import { describeValue } from './describe-value.js';
import type { Moment } from './moment.js';

const spare = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

/** Which letter stands for which value, in both diagrams of a mismatch. */
export class Letters {
  /** What was given a letter here, because nothing that is expected is equal to it. */
  private readonly others: (readonly [letter: string, value: unknown])[] = [];
  /** The letters of what is expected. */
  private readonly own: Map<string, unknown> = new Map();

  /** `named`: the letters of the expected moments as they were written, where they were. */
  constructor(expected: readonly Moment[], named: readonly Moment[] | undefined) {
    expected.forEach(({ notification }, i) => {
      const letter = named?.[i]?.notification;
      if (notification.kind !== 'N' || letter?.kind !== 'N') return;
      this.own.set(letter.value as string, notification.value);
    });
  }

  of({ notification }: Moment): string {
    if (notification.kind === 'C') return '|';
    if (notification.kind === 'E') return '#';
    const { value } = notification;
    for (const [letter, other] of this.own) if (value === other || equal(value, other)) return letter;
    const known = this.others.find(([, other]) => equal(value, other));
    return known === undefined ? this.name(value) : known[0];
  }

  /** What stands for what was not expected anywhere. */
  legend(): readonly string[] {
    return this.others.filter(([letter, value]) => letter !== value).map(([letter, value]) => `${letter} = ${describeValue(value)}`);
  }

  private name(value: unknown): string {
    const isFree = (letter: string): boolean => !this.own.has(letter) && this.others.every(([other]) => other !== letter);
    const itself = typeof value === 'string' && /^[a-z]$/i.test(value) && isFree(value);
    const letter = itself ? value : (spare.find(isFree) ?? '*');
    this.others.push([letter, value]);
    return letter;
  }
}
