import fc from 'fast-check';
import { EMPTY, NEVER, throwError } from 'rxjs';
import { expect, it } from 'vitest';
import { circuitBreaker } from '../../src/index.js';
import { overflowKey } from '../../src/registry/keyed-types.js';
import { perKey } from '../../src/registry/per-key.js';
import { outcome, virtual } from '../virtual.js';

const idleAfter = 50;
const breakDuration = 20;

/** What is known of a key by looking at it from outside. */
interface Known {
  active: number;
  endedAt: number;
  order: number;
}

type Step = { readonly do: 'ok' | 'fail' | 'hold' | 'leave' | 'isolate' | 'reset'; readonly key: number } | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('ok', 'ok', 'fail', 'hold', 'leave', 'isolate', 'reset'), key: fc.nat({ max: 8 }) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 30 }) }),
) as fc.Arbitrary<Step>;

/** A plain map that is searched from one end to the other each time. */
function play(maxKeys: number, steps: readonly Step[]): void {
  const { advance, scheduler } = virtual();
  const make = (name: string) => circuitBreaker({ name, scheduler, failureThreshold: 1, breakDuration, successThreshold: 1 });
  const perHost = perKey(make, { maxKeys, idleAfter, scheduler });
  const known = new Map<string, Known>();
  const held: { readonly key: string; readonly leave: () => void }[] = [];
  let ends = 0;
  const stateOf = (key: string) => perHost.get(key)!.state;
  const free = () => [...known].filter(([key, { active }]) => active === 0 && stateOf(key) === 'closed').sort(([, a], [, b]) => a.order - b.order);
  const isIdle = ({ endedAt }: Known) => scheduler.now() - endedAt >= idleAfter;

  /** Who has to leave before a call of `key`, and whether it gets a place. */
  const expected = (key: string): { readonly keys: readonly string[]; readonly placed: boolean } => {
    const leaving = new Set<string>();
    const rest = free();
    while (rest.length > 0 && isIdle(rest[0]![1])) leaving.add(rest.shift()![0]);
    const left = () => [...known.keys()].filter((other) => !leaving.has(other));
    if (left().includes(key)) return { keys: left(), placed: true };
    while (left().length >= maxKeys && rest.length > 0) leaving.add(rest.shift()![0]);
    if (left().length >= 2 * maxKeys) {
      const [forsaken] = [...known].filter(([other, one]) => one.active === 0 && !leaving.has(other) && isIdle(one) && stateOf(other) === 'half-open');
      if (forsaken === undefined) return { keys: left(), placed: false };
      // Which of them is left open; the set of what remains is compared without it.
      return { keys: left(), placed: true };
    }
    return { keys: [...left(), key], placed: true };
  };

  const call = (key: string, how: 'ok' | 'fail' | 'hold'): void => {
    const { keys, placed } = expected(key);
    const before = [...known.entries()];
    const full = keys.length >= 2 * maxKeys && !keys.includes(key);
    const { leave, log } = outcome((how === 'ok' ? EMPTY : how === 'fail' ? throwError(() => new Error('down')) : NEVER).pipe(perHost(key)));
    const now = perHost.keys();
    if (full && placed) {
      const gone = keys.filter((other) => !now.includes(other));
      expect(gone).toHaveLength(1);
      const [, one] = before.find(([other]) => other === gone[0])!;
      expect([one.active, isIdle(one)]).toStrictEqual([0, true]);
    } else expect([...now].sort()).toStrictEqual([...keys].sort());
    expect(now.includes(key)).toBe(placed);
    for (const other of known.keys()) if (!now.includes(other)) known.delete(other);
    const one = known.get(key) ?? { active: 0, endedAt: 0, order: 0 };
    if (placed) known.set(key, one);
    const end = () => {
      if (--one.active > 0) return;
      one.endedAt = scheduler.now();
      one.order = ++ends;
    };
    one.active++;
    if (how === 'hold' && log.length === 0) held.push({ key, leave: () => (leave(), end()) });
    else end();
  };

  for (const next of steps) {
    if (next.do === 'wait') advance(next.ms);
    else {
      const key = `k${next.key}`;
      if (next.do === 'leave') held.splice(next.key, 1)[0]?.leave();
      else if (next.do === 'isolate') perHost.get(key)?.isolate();
      else if (next.do === 'reset') perHost.get(key)?.reset();
      else call(key, next.do);
    }
    expect(perHost.size).toBeLessThanOrEqual(2 * maxKeys);
    expect(perHost.size).toBe(perHost.keys().length);
    for (const { key } of held) expect(perHost.get(key) ?? perHost.get(overflowKey)).toBeDefined();
  }
  for (const { leave } of held) leave();
}

it('does for any calls what a plain search would do, and never holds more than it may', () => {
  const runs = Number(process.env['RESILIENCE_RUNS'] ?? 400);
  fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), play), { numRuns: runs });
}, 600_000);
