import * as fc from 'fast-check';
import type { SchedulerLike } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type OutcomeWindow, outcomeWindow } from '../../../src/core/outcome-window.js';
import { Clock } from '../../../src/operator/clock.js';
import { runs } from './runs.js';
import type { ModelWindow } from './window-model.js';

const year = 366 * 86_400_000;

/** Time as it passes for a policy: the sum of the scheduler's steps, but for those back and those of more than a year. */
class ModelClock {
  now = 0;

  constructor(private raw: number) {
    this.now = raw;
  }

  read(raw: number): number {
    const step = raw - this.raw;
    this.raw = raw;
    if (step >= 0 && step <= year) this.now += step;
    return this.now;
  }
}

interface Outcome {
  /** Which part of the time it counts in. */
  readonly bucket: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

/** Every outcome there was, as far as a window of this shape has to know it. */
class ModelList {
  constructor(
    private readonly shape: ModelWindow,
    private list: readonly Outcome[] = [],
  ) {}

  record(failed: boolean, slow: boolean, now: number): void {
    // A time before that of the newest outcome counts as its.
    this.list = [...this.list, { bucket: Math.max(this.bucketOf(now), this.newest), failed, slow }];
  }

  /** What has left with a newer outcome does not come back, whatever the time. */
  at(now: number): { calls: number; failures: number; slow: number } {
    const inside = this.inside(this.bucketOf(now));
    return { calls: inside.length, failures: inside.filter(({ failed }) => failed).length, slow: inside.filter(({ slow }) => slow).length };
  }

  resize(shape: ModelWindow): ModelList {
    const known = this.inside(this.newest);
    if ('calls' in shape) return new ModelList(shape, 'calls' in this.shape ? known : badFirst(known));
    if ('calls' in this.shape) return new ModelList(shape);
    const before = this.shape.time / this.shape.buckets;
    const after = shape.time / shape.buckets;
    return new ModelList(shape, known.map((outcome) => ({ ...outcome, bucket: Math.floor((outcome.bucket * before) / after) })));
  }

  private get newest(): number {
    return this.list.at(-1)?.bucket ?? -Infinity;
  }

  private bucketOf(now: number): number {
    return 'calls' in this.shape ? 0 : Math.floor(now / (this.shape.time / this.shape.buckets));
  }

  private inside(bucket: number): readonly Outcome[] {
    const { list, shape } = this;
    if ('calls' in shape) return list.slice(-shape.calls);
    return list.filter((outcome) => outcome.bucket > Math.max(bucket, this.newest) - shape.buckets);
  }
}

/** Nobody knows the order within a bucket: its failed and its slow ones count as the older ones. */
function badFirst(list: readonly Outcome[]): readonly Outcome[] {
  return list.map((outcome, at) => {
    const same = list.filter(({ bucket }) => bucket === outcome.bucket);
    const place = at - list.indexOf(same[0]!);
    const failed = same.filter((one) => one.failed).length;
    const slow = same.filter((one) => one.slow).length;
    return { ...outcome, failed: place < failed, slow: place < slow };
  });
}

const calls = fc.integer({ min: 1, max: 12 }).map((calls) => ({ calls }));
const timed = fc
  .record({ width: fc.integer({ min: 1, max: 20 }), buckets: fc.integer({ min: 1, max: 6 }) })
  .map(({ buckets, width }) => ({ time: width * buckets, buckets }));
const shape = fc.oneof<fc.Arbitrary<ModelWindow>[]>(calls, timed, timed);

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('record' as const), failed: fc.boolean(), slow: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.oneof(fc.integer({ min: -500, max: -1 }), fc.integer({ min: 200, max: 5_000 }), fc.constantFrom(year, year + 1, -year * 50, year * 3)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), to: shape }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

describe('a window', () => {
  it('counts what a list of all outcomes counts, also where the clock steps back or jumps and the shape changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), shape, fc.nat(2_000_000_000), fc.integer({ min: -200, max: 200 }), (steps, first, start, off) => {
        let raw = start;
        const clock = new Clock({ now: () => raw } as SchedulerLike);
        const time = new ModelClock(raw);
        let window: OutcomeWindow = outcomeWindow(first);
        let list = new ModelList(first);
        let present = first;
        const compare = (at: number): void => {
          expect({ calls: window.calls(at), failures: window.failures(at), slow: window.slow(at) }).toStrictEqual(list.at(at));
        };
        for (const taken of steps) {
          if (taken.do === 'time') raw += taken.by;
          const now = clock.now();
          expect(now).toBe(time.read(raw));
          if (taken.do === 'record') {
            window.record(taken.failed, taken.slow, now);
            list.record(taken.failed, taken.slow, now);
          } else if (taken.do === 'resize') {
            window = window.resize(taken.to);
            list = list.resize(taken.to);
            present = taken.to;
          } else if (taken.do === 'clear') {
            window.clear();
            list = new ModelList(present);
          }
          compare(now);
          // Reading changes nothing, at whatever time.
          compare(now + off);
          compare(now);
        }
      }),
      runs(500),
    );
  });

  it('counts at a time of its own, told in any order, at the newest there was', () => {
    const outcome = fc.record({ at: fc.nat(150), failed: fc.boolean(), slow: fc.boolean(), read: fc.nat(300) });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 40 }), timed, (outcomes, shape) => {
        const window = outcomeWindow(shape);
        const list = new ModelList(shape);
        for (const { at, failed, read, slow } of outcomes) {
          window.record(failed, slow, at);
          list.record(failed, slow, at);
          for (const now of [at, read]) {
            expect({ calls: window.calls(now), failures: window.failures(now), slow: window.slow(now) }).toStrictEqual(list.at(now));
          }
        }
      }),
      runs(500),
    );
  });
});
