import fc from 'fast-check';
import { Observable, type Subscription, takeWhile } from 'rxjs';
import { expect, it } from 'vitest';
import type { HealthStatus } from '../../src/core/health.js';
import { healthCheck } from '../../src/health/health-check.js';
import { virtual } from '../virtual.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);

/** How a probe goes: what it says, after how long; `hangs` for ever. */
const going = fc.record({ says: fc.constantFrom('up', 'degraded', 'down', 'error', 'hangs', 'throws'), after: fc.integer({ min: 0, max: 30 }) });
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 120 }) }) },
  { weight: 2, arbitrary: fc.record({ join: fc.constantFrom('stays', 'takes one', 'leaves at up', 'leaves at down') }) },
  { weight: 1, arbitrary: fc.record({ leave: fc.nat(5) }) },
);
const options = fc.record({
  every: fc.integer({ min: 10, max: 40 }),
  timeout: fc.integer({ min: 1, max: 60 }),
  failAfter: fc.integer({ min: 1, max: 3 }),
  recoverAfter: fc.integer({ min: 1, max: 3 }),
  staleAfter: fc.integer({ min: 5, max: 200 }),
});

it('asks one at a time, no more often than it may, and leaves nothing behind, whoever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(going, { minLength: 1, maxLength: 10 }), fc.array(act, { maxLength: 40 }), options, fc.nat(), (goings, acts, settings, seed) => {
      const { scheduler, advance } = virtual();
      const listeners: Subscription[] = [];
      const present = (): number => listeners.filter(({ closed }) => !closed).length;
      const begun: { readonly at: number; left: boolean }[] = [];
      let running = 0;
      const probe = (): unknown => {
        const { says, after } = goings[begun.length % goings.length]!;
        const one = { at: scheduler.now(), left: true };
        begun.push(one);
        if (says === 'throws') {
          one.left = false;
          throw new Error('no');
        }
        return new Observable((subscriber) => {
          running++;
          expect(running).toBe(1);
          const say = (): void => {
            one.left = false;
            if (says === 'error') subscriber.error(new Error('no'));
            else subscriber.next({ status: says });
          };
          if (says !== 'hangs') subscriber.add(after === 0 ? say() : scheduler.schedule(say, after));
          subscriber.add(() => running--);
        });
      };
      let draws = seed;
      const random = (): number => (draws = (draws * 16_807 + 7) % 2_147_483_647) / 2_147_483_647;
      const check = healthCheck('db', probe, { ...settings, scheduler, random });
      for (const one of acts) {
        if ('wait' in one) advance(one.wait);
        else if ('leave' in one) listeners[one.leave]?.unsubscribe();
        else {
          const seen: HealthStatus[] = [];
          const leaves = (status: HealthStatus): boolean => one.join === 'takes one' || one.join === `leaves at ${status}`;
          listeners.push(check.pipe(takeWhile(({ status }) => !leaves(status), true)).subscribe(({ status }) => seen.push(status)));
          expect(seen.length).toBeGreaterThan(0);
        }
        expect(running).toBeLessThanOrEqual(present() === 0 ? 0 : 1);
      }
      for (const listener of listeners) listener.unsubscribe();
      expect(running).toBe(0);
      advance(10);
      expect(scheduler.actions).toHaveLength(0);
      // Only one that was left makes the next one come before its time.
      for (let i = 1; i < begun.length; i++) {
        const [before, after] = [begun[i - 1]!, begun[i]!];
        if (!before.left) expect(after.at - before.at).toBeGreaterThanOrEqual(Math.floor(0.9 * settings.every));
      }
    }),
    { numRuns },
  );
});
