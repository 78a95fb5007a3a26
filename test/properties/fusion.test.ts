import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { play } from './play.js';
import { clash, policyCount } from './policies.js';
import { type Schedule, schedules } from './schedule.js';

const runs = Number(process.env['RESILIENCE_RUNS'] ?? 1_000);

/** A detached call whose inner breaker has no place for a probe: its retry waits on when everybody has left. */
const detachedWait: Schedule = {
  pipes: [[0], [10, 5, 8, 5, 13]],
  promised: [false, false],
  openings: ['manual'],
  steps: [
    { do: 'call', pipe: 1, manner: 'stays' },
    { do: 'advance', by: 40 },
    { do: 'call', pipe: 1, manner: 'stays' },
    { do: 'advance', by: 40 },
  ],
  seed: 0,
  observed: false,
};

it('cannot be told from the same pipe in separate subscribers', () => {
  fc.assert(
    fc.property(schedules(policyCount, clash), (schedule) => {
      expect(play(schedule, true)).toStrictEqual(play(schedule, false));
    }),
    { numRuns: runs, examples: [[detachedWait]] },
  );
});
