import { expect, it } from 'vitest';
import { defaultPriority, priorities, rankOf } from '../../src/core/priority.js';

it('ranks the priorities from the most important on', () => {
  expect(priorities).toStrictEqual(['criticalPlus', 'critical', 'sheddablePlus', 'sheddable']);
  expect(priorities.map(rankOf)).toStrictEqual([0, 1, 2, 3]);
});

it('takes a call that says nothing for a critical one', () => {
  expect(defaultPriority).toBe('critical');
});
