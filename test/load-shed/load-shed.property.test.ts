import fc from 'fast-check';
import { Observable, Subject, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { priorities } from '../../src/core/priority.js';
import { loadShed } from '../../src/load-shed/load-shed.js';
import type { LoadShedError } from '../../src/load-shed/load-shed-error.js';
import { loadShedder } from '../../src/load-shed/load-shedder.js';
import { runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { RecordingLimit } from './recording-limit.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 1_000);

const shares = [1, 1, 0.8, 0.5];
const allowance = (rank: number, limit: number): number => Math.max(1, Math.floor(shares[rank]! * limit));

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('call' as const), rank: fc.nat(3), deadline: fc.option(fc.integer({ min: 1, max: 12 })), comesBack: fc.nat(4) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('complete' as const, 'fail' as const, 'leave' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limit' as const), limit: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('load' as const), load: fc.constantFrom(0, 0.7, 0.8, 0.9, 1) }) },
);

interface Asked {
  readonly rank: number;
  state: 'waits' | 'runs' | 'over';
  subscription: Subscription | undefined;
  end: Partial<Record<'complete' | 'fail', () => void>>;
}

describe('any sequence of calls, endings, waits, limits and loads', () => {
  it('keeps limit and shares, loses and doubles no permit, and refuses nobody for one who is less important', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), fc.nat(3), (steps, first, queue) => {
        const scheduler = new TestScheduler(() => undefined);
        const limit = new RecordingLimit(first);
        const load = new Subject<number>();
        const shedder = loadShedder({ limit, queue: { size: queue, timeout: 5 }, signals: [load], scheduler });
        const policies = priorities.map((priority) => loadShed(priority, { shedder, scheduler }));
        const calls: Asked[] = [];
        const broken: string[] = [];
        let running = 0;
        const call = (rank: number, comesBack: number): void => {
          const asked: Asked = { rank, state: 'waits', subscription: undefined, end: {} };
          calls.push(asked);
          const source = new Observable<number>((subscriber) => {
            if (asked.state !== 'waits') broken.push('started twice');
            asked.state = 'runs';
            running++;
            if (running > allowance(rank, limit.limit)) broken.push(`${running} run with rank ${rank} and limit ${limit.limit}`);
            const end = (): void => {
              if (asked.state === 'runs') running--;
              asked.state = 'over';
            };
            asked.end = {
              complete: () => (end(), subscriber.complete()),
              fail: () => (end(), subscriber.error(new Error('down'))),
            };
            return end;
          });
          const back = (): void => {
            if (comesBack > 0 && calls.length < 300) call((rank + comesBack) % 4, comesBack - 1);
          };
          asked.subscription = source.pipe(policies[rank]!).subscribe({
            error: ({ reason }: LoadShedError) => {
              if (asked.state === 'waits') asked.state = 'over';
              if (reason === 'full' || reason === 'displaced' || reason === 'signal') {
                const waiting = calls.filter(({ state }) => state === 'waits');
                const lesser = waiting.filter((other) => other.rank > rank);
                // Some of them may be out of the queue already and only not have heard of it.
                if (lesser.length > waiting.length - shedder.queued) broken.push(`${reason} refuses rank ${rank} while ${lesser[0]!.rank} waits`);
              }
              back();
            },
            complete: back,
          });
        };
        for (const present of steps) {
          if (present.do === 'call') {
            const deadline = present.deadline === null ? undefined : Deadline.after(present.deadline, scheduler);
            runInContext({ ...(deadline && { deadline }) }, () => call(present.rank, present.comesBack));
          } else if (present.do === 'time') {
            scheduler.maxFrames = scheduler.frame + present.by;
            scheduler.schedule(() => undefined, present.by);
            scheduler.flush();
          } else if (present.do === 'limit') {
            limit.next = present.limit;
          } else if (present.do === 'load') {
            load.next(present.load);
          } else {
            const asked = calls[present.which % Math.max(1, calls.length)];
            if (present.do === 'leave') {
              if (asked?.state === 'waits') asked.state = 'over';
              asked?.subscription?.unsubscribe();
            } else if (asked?.state === 'runs') asked.end[present.do]?.();
          }
          const waiting = calls.filter(({ state }) => state === 'waits');
          expect(broken).toStrictEqual([]);
          expect([shedder.inFlight, shedder.queued]).toStrictEqual([running, waiting.length]);
          const best = Math.min(...waiting.map(({ rank }) => rank));
          if (waiting.length > 0) expect(running).toBeGreaterThanOrEqual(allowance(best, limit.limit));
        }
        for (const { subscription } of calls) subscription?.unsubscribe();
        expect([shedder.inFlight, shedder.queued, running]).toStrictEqual([0, 0, 0]);
        const sum = (pick: (metrics: ReturnType<(typeof policies)[number]['metrics']>) => number): number =>
          policies.reduce((all, policy) => all + pick(policy.metrics()), 0);
        expect(sum(({ calls: asked }) => asked)).toBe(calls.length);
      }),
      { numRuns },
    );
  });
});
