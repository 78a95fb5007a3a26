import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { play } from './play.js';
import { clash, policyCount } from './policies.js';
import { schedules } from './schedule.js';

const runs = Number(process.env['RESILIENCE_RUNS'] ?? 1_000);

it('cannot be told from the same pipe in separate subscribers', () => {
  fc.assert(
    fc.property(schedules(policyCount, clash), (schedule) => {
      expect(play(schedule, true)).toStrictEqual(play(schedule, false));
    }),
    { numRuns: runs },
  );
});
