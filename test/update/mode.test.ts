import { defer, EMPTY, NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bulkhead, circuitBreaker, fallbackToLast, fallbackToValue, fixedLimit, loadShed, loadShedder, type PolicyMode, retryWithBackoff, withDeadline,
} from 'rxjs-resilience';
import { thrownBy } from '../thrown.js';
import type { Rehearsed } from './rehearsal.js';

const policies: Readonly<Record<string, () => Rehearsed>> = {
  circuitBreaker: () => circuitBreaker(),
  retryWithBackoff: () => retryWithBackoff(),
  bulkhead: () => bulkhead(1, 2),
  loadShed: () => loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1), queue: 2 }) }),
  withDeadline: () => withDeadline(1),
  fallbackToValue: () => fallbackToValue(0) as Rehearsed,
  fallbackToLast: () => fallbackToLast({ maxAge: 1 }) as Rehearsed,
};
const update = (policy: Rehearsed, options: object): void => policy.update(options as never);

describe.each(Object.entries(policies))('the mode of %s', (_kind, make) => {
  it('is what it was made with, and what an update says, unless that is refused', () => {
    const policy = make();
    const modes: readonly PolicyMode[] = ['shadow', 'disabled', 'enforce', 'shadow'];
    const seen = modes.map((mode) => {
      update(policy, { mode });
      expect(thrownBy(() => update(policy, { mode: 'disabled', required: 1 }))).toBeInstanceOf(TypeError);
      update(policy, { required: true });
      return policy.mode;
    });
    expect(seen).toStrictEqual(modes);
  });

  it('is the new one already for those who hear of the change', () => {
    const policy = make();
    const seen: unknown[] = [];
    policy.health$.subscribe(({ details }) => seen.push([policy.mode, details['mode']]));
    update(policy, { mode: 'shadow' });
    update(policy, { mode: 'disabled' });
    update(policy, { mode: 'enforce' });
    expect(seen).toStrictEqual([['enforce', undefined], ['shadow', 'shadow'], ['disabled', 'disabled'], ['enforce', undefined]]);
  });

  it('is that of the last update, also where a listener makes another one', () => {
    const policy = make();
    policy.health$.subscribe(({ details }) => {
      if (details['mode'] === 'shadow') update(policy, { mode: 'disabled' });
    });
    update(policy, { mode: 'shadow' });
    expect(policy.mode).toBe('disabled');
    let seen: unknown;
    policy.health$.subscribe(({ details }) => (seen = details['mode'])).unsubscribe();
    expect(seen).toBe('disabled');
  });
});

it.each(['bulkhead', 'loadShed'])('the mode of %s is the new one for those who are let in by the change', (kind) => {
  const policy = policies[kind]!();
  NEVER.pipe(policy).subscribe();
  const seen: string[] = [];
  for (let i = 0; i < 2; i++) defer(() => (seen.push(policy.mode), EMPTY)).pipe(policy).subscribe();
  update(policy, { mode: 'shadow' });
  of(1).pipe(policy).subscribe(() => seen.push(policy.mode));
  expect(seen).toStrictEqual(['shadow', 'shadow', 'shadow']);
});
