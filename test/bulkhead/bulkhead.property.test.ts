import fc from 'fast-check';
import { Observable, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { priorities } from '../../src/core/priority.js';
import { runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('call' as const), rank: fc.nat(3), deadline: fc.option(fc.integer({ min: 1, max: 12 })), again: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('complete' as const, 'fail' as const, 'value' as const, 'leave' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), limit: fc.integer({ min: 1, max: 4 }), size: fc.nat(4) }) },
);

describe('any sequence of calls, endings, waits and updates', () => {
  it.each(['fifo', 'lifo', 'adaptive-lifo', 'priority'] as const)('keeps the limit, and loses or doubles no permit (%s)', (order) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), fc.nat(3), (steps, first, size) => {
        const scheduler = new TestScheduler(() => undefined);
        const pool = bulkhead(first, { size, timeout: 5, order }, { scheduler });
        const live: { subscription: Subscription; end: Partial<Record<string, () => void>> }[] = [];
        let running = 0;
        let limit = first;
        let mostAllowed = first;
        let asked = 0;
        let started = 0;
        let ended = 0;
        let broken = false;
        const call = (again: boolean): Subscription => {
          asked++;
          const entry: (typeof live)[number] = { subscription: undefined as never, end: {} };
          const source = new Observable<number>((subscriber) => {
            started++;
            running++;
            broken ||= running > mostAllowed;
            // It runs until it says that it has ended, or is torn down.
            let over = false;
            const end = (): void => {
              if (!over) running--;
              over = true;
            };
            entry.end = {
              complete: () => (end(), subscriber.complete()),
              fail: () => (end(), subscriber.error(new Error('down'))),
              value: () => subscriber.next(1),
            };
            return () => {
              end();
              ended++;
            };
          });
          entry.subscription = source.pipe(pool).subscribe({
            // Consumers come back from inside their handlers.
            error: () => again && asked < 200 && call(false),
            complete: () => again && asked < 200 && call(false),
          });
          live.push(entry);
          return entry.subscription;
        };
        for (const present of steps) {
          if (present.do === 'call') {
            const deadline = present.deadline === null ? undefined : Deadline.after(present.deadline, scheduler);
            runInContext({ priority: priorities[present.rank]!, ...(deadline && { deadline }) }, () => call(present.again));
          } else if (present.do === 'time') {
            scheduler.maxFrames = scheduler.frame + present.by;
            scheduler.schedule(() => undefined, present.by);
            scheduler.flush();
          } else if (present.do === 'update') {
            limit = present.limit;
            mostAllowed = Math.max(limit, running);
            pool.update({ maxConcurrent: limit, queue: { size: present.size, timeout: 5, order } });
          } else {
            const entry = live[present.which % Math.max(1, live.length)];
            if (present.do === 'leave') entry?.subscription.unsubscribe();
            else entry?.end[present.do]?.();
          }
          mostAllowed = Math.max(limit, running);
          expect([pool.active, broken]).toStrictEqual([running, false]);
          if (pool.queued > 0) expect(pool.active).toBeGreaterThanOrEqual(limit);
        }
        for (const { subscription } of live) subscription.unsubscribe();
        const { accepted, calls, refused } = pool.metrics();
        expect([pool.active, pool.queued, running]).toStrictEqual([0, 0, 0]);
        expect([accepted, started, calls]).toStrictEqual([started, ended, asked]);
        expect(accepted + refused.full + refused['queue-timeout']).toBeLessThanOrEqual(calls);
      }),
      { numRuns },
    );
  });
});
