import * as fc from 'fast-check';
import { BehaviorSubject, type OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { type Bulkhead, bulkhead } from '../../../src/bulkhead/bulkhead.js';
import type { QueueOrder } from '../../../src/core/permit-queue.js';
import type { PolicyMode } from '../../../src/operator/policy-types.js';
import { type BulkheadSetting, type BulkheadSetup, ModelBulkhead } from './bulkhead-model.js';
import { inStep } from './in-step.js';
import { RealPlay } from './real-play.js';
import { runs } from './runs.js';
import { type Script, scripts, type Step, steps } from './script.js';

const limit = fc.integer({ min: 1, max: 4 });
const size = fc.nat(4);
const orders: readonly QueueOrder[] = ['fifo', 'lifo', 'adaptive-lifo', 'priority'];
const order = fc.constantFrom(...orders);
const timeout = fc.constantFrom(0, 3, 5, Infinity);

const setting: fc.Arbitrary<BulkheadSetting> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ limit }) },
  { weight: 2, arbitrary: fc.record({ size }) },
  { weight: 1, arbitrary: fc.record({ order }) },
  { weight: 1, arbitrary: fc.record({ limit, size, order }) },
  { weight: 1, arbitrary: fc.constant('reset' as const) },
);
const mode = fc.constantFrom<PolicyMode>('enforce', 'enforce', 'shadow', 'disabled');
const settingOfModes = fc.oneof(setting, fc.record({ mode }), fc.record({ mode }), fc.record({ mode, limit }));

class RealBulkhead extends RealPlay<BulkheadSetting> {
  readonly pool: Bulkhead;
  readonly broken: string[] = [];
  private order: QueueOrder;
  private readonly limits: BehaviorSubject<number>;

  constructor(
    scripts: readonly Script<BulkheadSetting>[],
    scheduler: TestScheduler,
    private readonly setup: BulkheadSetup,
    observed: boolean,
  ) {
    super(scripts, scheduler);
    const { limit, mode, observable, order, size, timeout } = setup;
    this.order = order;
    this.limits = new BehaviorSubject(limit);
    this.pool = bulkhead(observable ? this.limits : limit, { size, timeout, order }, { mode, name: `pool ${made++}` });
    if (!observed) return;
    this.pool.events$.subscribe((event) => {
      const { active, limit, mode } = this.pool;
      // It has its permit now; until its source is subscribed a handler of somebody else's may lower the limit.
      if (event.type === 'started' && mode === 'enforce' && active > limit) this.broken.push(`one of ${active}, ${limit} allowed`);
      const more = event.type === 'started' ? ` ${event.waited}` : event.type === 'refused' ? ` ${event.reason}` : '';
      this.told.push(`${event.type}${more}`);
    });
  }

  protected override operatorFor(): OperatorFunction<number, number> {
    return this.pool;
  }

  protected override set(to: BulkheadSetting): void {
    if (to === 'reset') return this.pool.reset();
    const { limit, mode, order, size } = to;
    const { pool, setup } = this;
    this.order = order ?? this.order;
    const queue = size === undefined && order === undefined ? undefined : { size: size ?? pool.capacity, timeout: setup.timeout, order: this.order };
    if (setup.observable) {
      pool.update({ queue, mode });
      if (limit !== undefined) this.limits.next(limit);
    } else {
      pool.update({ maxConcurrent: limit, queue, mode });
    }
  }
}

/** So many policies of one name would be reported. */
let made = 0;

function play(scripts: readonly Script<BulkheadSetting>[], steps: readonly Step<BulkheadSetting>[], setup: BulkheadSetup, observed: boolean, modes: boolean): void {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(() => {
    const real = new RealBulkhead(scripts, scheduler, setup, observed);
    const model = new ModelBulkhead(scripts, setup);
    const { pool } = real;
    const compare = (): void => {
      expect(real.log).toStrictEqual(model.log);
      if (observed) expect(real.told).toStrictEqual(model.told);
      real.log = [];
      model.log = [];
      const { active, counts, limit, line } = model;
      const { mode, size: capacity } = model.setup;
      expect([pool.active, pool.queued, pool.limit, pool.capacity, pool.mode]).toStrictEqual([active, line.length, limit, capacity, mode]);
      expect(pool.metrics()).toMatchObject({ ...counts, active, queued: line.length, limit, capacity });
      let status: unknown;
      pool.health$.subscribe((health) => (status = mode === 'enforce' ? health.status : health.details['would'])).unsubscribe();
      expect(status).toBe(model.isFull ? 'degraded' : 'up');
    };
    try {
      inStep(real, model, steps, compare);
      expect([pool.active, pool.queued]).toStrictEqual([0, 0]);
      // A change of mode lets in more than the limit.
      if (!modes) expect(real.broken).toStrictEqual([]);
      expect(real.fates.filter((fate) => fate.length !== 1)).toStrictEqual([]);
    } finally {
      real.drain();
    }
  });
}

describe('a bulkhead, whatever its callers do and when', () => {
  it.each(orders)('does what its model does, in that order: %s', (order) => {
    fc.assert(
      fc.property(scripts(setting), steps(setting), limit, size, timeout, fc.boolean(), fc.boolean(), (scripts, steps, limit, size, timeout, observable, observed) =>
        play(scripts, steps, { limit, size, order, timeout, mode: 'enforce', observable }, observed, false),
      ),
      runs(300),
    );
  });

  it('does what its model does where its mode changes too', () => {
    fc.assert(
      fc.property(scripts(settingOfModes), steps(settingOfModes), limit, size, order, timeout, mode, fc.boolean(), (scripts, steps, limit, size, order, timeout, mode, observable) =>
        play(scripts, steps, { limit, size, order, timeout, mode, observable }, true, true),
      ),
      runs(600),
    );
  });
});
