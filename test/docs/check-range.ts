import { expect } from 'vitest';

const numberOf = (text: string): number => Number(text.replaceAll(/[,_]/g, ''));

/** What a range says in words is what the constructor does. */
export function checkRange(range: string, make: (value: unknown) => unknown): void {
  const taken = (value: unknown): void => expect(() => make(value)).not.toThrow();
  const refused = (value: unknown, error: typeof RangeError | typeof TypeError): void => expect(() => make(value)).toThrow(error);
  const endless = (): void => (range.includes('`Infinity`') ? taken(Infinity) : refused(Infinity, RangeError));
  const least = /^at least (\d+)/.exec(range)?.[1];
  const bounds = /^([\d,.]+) to ([\d,.]+)/.exec(range);
  const names = [...range.matchAll(/`([a-z][\w-]*)`/gi)].map(([, name]) => name!).filter((name) => !['Infinity', 'false'].includes(name));
  // An object with a row for each priority is checked where its shares are.
  if (range.endsWith('falling')) return refused(1, TypeError);
  if (least !== undefined) {
    taken(Number(least));
    refused(Number(least) - 1, RangeError);
    refused(NaN, RangeError);
    if (range.includes('whole')) refused(Number(least) + 0.5, RangeError);
    return endless();
  }
  if (bounds !== null) {
    const [from, to] = [numberOf(bounds[1]!), numberOf(bounds[2]!)];
    for (const value of [from, to]) taken(value);
    for (const value of [from - 0.001, to + 0.001, NaN, Infinity]) refused(value, RangeError);
    return;
  }
  if (range.startsWith('above 0')) {
    taken(1);
    taken(0.001);
    refused(0, RangeError);
    if (range.endsWith('to 1')) refused(1.001, RangeError);
    return endless();
  }
  if (names.length > 0) {
    for (const name of names) taken(name);
    return refused('something else', RangeError);
  }
  if (range === 'true or false') {
    taken(true);
    taken(false);
    return refused('yes', TypeError);
  }
  if (range === 'a function') {
    taken(() => true);
    return refused(1, TypeError);
  }
  // A rule, a budget, a name, a scheduler: whatever it is, a symbol is none.
  expect(() => make(Symbol('none'))).toThrow(TypeError);
}
