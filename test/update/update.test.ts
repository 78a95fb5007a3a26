import { describe, expect, it } from 'vitest';
import { thrownBy } from '../thrown.js';
import { sameTrip } from './breaker-subject.js';
import { subjects } from './other-subjects.js';
import { type Look, type Options, rehearse, type Rehearsed, stageOf } from './rehearsal.js';

const update = (options: Options) => (policy: Rehearsed): void => policy.update(options as never);
const without = (options: Options, ...names: readonly string[]): Options =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));

const unnamed = (error: unknown): string => String(error).replace(/: [\w.]+:/, ':');

/** Not counters: what is now. */
const present = ['active', 'queued', 'limit', 'capacity', 'inFlight', 'budgetLeft', 'rate', 'meanWait', 'rejectionRatio'];

/** Counters that are less than they were. */
function backwards(before: Look, after: Look): readonly string[] {
  const [were, are] = [before, after].map(({ metrics }) => counters(metrics));
  return Object.keys(were!).filter((name) => !(are![name]! >= were![name]!));
}

function counters(metrics: object): Record<string, number> {
  const flat = Object.entries(metrics).flatMap(([name, value]): (readonly [string, number])[] =>
    typeof value === 'object' ? Object.entries(value as Record<string, number>) : [[name, value as number]],
  );
  return Object.fromEntries(flat.filter(([name]) => !present.includes(name)));
}

describe.each(subjects.map((subject) => [subject.kind, subject] as const))('an update of %s', (_kind, subject) => {
  const { bad, fixed, others, settings } = subject;
  const names = Object.keys(others());
  const alone = rehearse(subject, () => undefined);
  const wrong = names.flatMap((name) => bad[name]!.map((value) => [name, value] as const));

  it('is rehearsed for every option, by calls that go on as they began', () => {
    expect(Object.keys(bad).sort()).toStrictEqual([...names].sort());
    expect(Object.keys(settings()).filter((name) => !names.includes(name))).toStrictEqual([]);
    expect(rehearse(subject, () => undefined)).toStrictEqual(alone);
  });

  it.each(wrong)('refuses as construction does: %s %o', (name, value) => {
    const { policy } = stageOf(subject);
    const refused = thrownBy(() => update({ [name]: value })(policy));
    const base = name === 'failureThreshold' ? without(settings(), 'trip') : settings();
    const notMade = thrownBy(() => subject.make({ ...base, [name]: value }));
    expect(String(refused)).toMatch(/^(Type|Range)Error: /);
    // It names `update` where the other names the factory.
    expect(unnamed(refused)).toBe(unnamed(notMade));
  });

  it.each(wrong)('that is refused changes nothing, whatever else it names: %s %o', (name, value) => {
    // A good value for every other option, before the bad one and after it.
    const good = without(others(), name, name === 'trip' ? 'failureThreshold' : 'trip');
    const at = names.indexOf(name);
    const options = Object.fromEntries([...Object.entries(good).slice(0, at), [name, value], ...Object.entries(good).slice(at)]);
    const seen = rehearse(subject, (policy) => {
      expect(thrownBy(() => update(options)(policy))).toBeInstanceOf(Error);
    });
    expect(seen).toStrictEqual(alone);
  });

  it.each(Object.entries(fixed))('does not know what stays for good: %s', (name, value) => {
    const good = without(others(), 'failureThreshold');
    const seen = rehearse(subject, (policy) => {
      expect(thrownBy(() => update({ ...good, [name]: value })(policy))).toBeInstanceOf(TypeError);
    });
    expect(seen).toStrictEqual(alone);
  });

  it.each(Object.keys(settings()))('to what it is already loses nothing: %s', (name) => {
    // What is held by reference has to be the same thing.
    let made: Options = {};
    const kept = { ...subject, settings: () => (made = settings()) };
    const seen = rehearse(kept, (policy) => update({ [name]: made[name] })(policy));
    expect(seen).toStrictEqual(alone);
    if (name === 'trip') expect(rehearse(subject, update(sameTrip()))).toStrictEqual(alone);
  });

  it('to nothing loses nothing', () => {
    expect(rehearse(subject, update({}))).toStrictEqual(alone);
    expect(rehearse(subject, update(Object.fromEntries(names.map((name) => [name, undefined]))))).toStrictEqual(alone);
  });

  it.each(names)('takes effect, and what was counted until then stays: %s', (name) => {
    const seen = rehearse(subject, update({ [name]: others()[name] }));
    expect(seen.before).toStrictEqual(alone.before);
    expect({ ...seen, before: undefined, told: undefined }).not.toStrictEqual({ ...alone, before: undefined, told: undefined });
    expect(backwards(alone.before, seen.after)).toStrictEqual([]);
    expect(backwards(seen.after, seen.end)).toStrictEqual([]);
  });
});
