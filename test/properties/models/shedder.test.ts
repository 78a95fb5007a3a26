import * as fc from 'fast-check';
import { BehaviorSubject, type OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { fixedLimit } from '../../../src/core/fixed-limit.js';
import { priorities } from '../../../src/core/priority.js';
import { type LoadShed, loadShed } from '../../../src/load-shed/load-shed.js';
import { type LoadShedder, loadShedder } from '../../../src/load-shed/load-shedder.js';
import type { PolicyMode } from '../../../src/operator/policy-types.js';
import { RecordingLimit } from '../../load-shed/recording-limit.js';
import { inStep } from './in-step.js';
import { RealPlay } from './real-play.js';
import { runs } from './runs.js';
import { type Script, scripts, type Step, steps } from './script.js';
import { ModelShedder } from './shedder-model.js';
import type { ShedderSetting, ShedderSetup } from './shedder-setting.js';

const rank = fc.nat(3);
const setting: fc.Arbitrary<ShedderSetting> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ limit: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ signal: fc.constantFrom(0 as const, 1 as const), load: fc.constantFrom(0, 0, 0.5, 0.7, 0.8, 0.9, 1) }) },
  { weight: 1, arbitrary: fc.record({ reset: rank }) },
);
const mode = fc.constantFrom<PolicyMode>('enforce', 'shadow', 'disabled');
const settingOfModes = fc.oneof({ weight: 3, arbitrary: setting }, { weight: 1, arbitrary: fc.record({ rank, mode }) });

const setup: fc.Arbitrary<ShedderSetup> = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  adapts: fc.boolean(),
  size: fc.nat(4),
  timeout: fc.constantFrom(0, 3, 5, Infinity),
  shares: fc.constantFrom([100, 100, 80, 50], [100, 70, 29, 10], [60, 60, 60, 60]),
  ceilings: fc.constantFrom([Infinity, 0.95, 0.85, 0.7], [Infinity, 0.8, 0.8, 0.5]),
});

/** So many policies of one name would be reported. */
let made = 0;

const byPriority = <T>(from: number, of: (rank: number) => T): Record<string, T> =>
  Object.fromEntries(priorities.slice(from).map((priority, at) => [priority, of(at + from)]));

class RealShedder extends RealPlay<ShedderSetting> {
  readonly shedder: LoadShedder;
  readonly policies: readonly LoadShed[];
  readonly limit: RecordingLimit;
  readonly broken: string[] = [];
  private readonly signals = [new BehaviorSubject(0), new BehaviorSubject(0)];

  constructor(
    scripts: readonly Script<ShedderSetting>[],
    scheduler: TestScheduler,
    setup: ShedderSetup,
    model: ModelShedder,
    observed: boolean,
  ) {
    super(scripts, scheduler);
    const { adapts, ceilings, limit, shares, size, timeout } = setup;
    this.limit = new RecordingLimit(limit);
    this.limit.next = limit;
    this.shedder = loadShedder({
      limit: adapts ? this.limit : fixedLimit(limit),
      queue: { size, timeout },
      signals: this.signals,
      shares: byPriority(0, (rank) => shares[rank]! / 100),
      ceilings: byPriority(1, (rank) => ceilings[rank]!),
    });
    made++;
    this.policies = priorities.map((priority) => loadShed(priority, { shedder: this.shedder, name: `shed ${made}` }));
    if (!observed) return;
    this.policies.forEach(({ events$ }, rank) => {
      events$.subscribe((event) => {
        const { inFlight, limit } = this.shedder;
        const share = model.shareOf(rank, limit);
        // It has its permit now; until its source is subscribed a handler of somebody else's may lower the limit.
        if (event.type === 'admitted' && inFlight > share) this.broken.push(`one of ${inFlight}, ${share} allowed for rank ${rank}`);
        this.told.push(`${rank} ${event.type}${event.type === 'shed' ? ` ${event.reason}` : ''}`);
      });
    });
  }

  protected override operatorFor({ rank }: Script<ShedderSetting>): OperatorFunction<number, number> {
    return this.policies[rank]!;
  }

  protected override set(to: ShedderSetting): void {
    if ('limit' in to) this.limit.next = to.limit;
    else if ('signal' in to) this.signals[to.signal]!.next(to.load);
    else if ('reset' in to) this.policies[to.reset]!.reset();
    else this.policies[to.rank]!.update({ mode: to.mode });
  }
}

function play(scripts: readonly Script<ShedderSetting>[], steps: readonly Step<ShedderSetting>[], setup: ShedderSetup, observed: boolean, modes: boolean): void {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(() => {
    const model = new ModelShedder(scripts, setup);
    const real = new RealShedder(scripts, scheduler, setup, model, observed);
    const { policies, shedder } = real;
    const compare = (): void => {
      expect(real.log).toStrictEqual(model.log);
      if (observed) expect(real.told).toStrictEqual(model.told);
      real.log = [];
      model.log = [];
      const { inFlight, limit, line } = model;
      expect([shedder.inFlight, shedder.queued, shedder.limit]).toStrictEqual([inFlight, line.length, limit]);
      policies.forEach((policy, rank) => {
        const { admitted, calls, mode, shed } = model.books[rank]!;
        const { metrics } = policy;
        expect(metrics()).toMatchObject({ calls, admitted, inFlight, limit, shed: { [priorities[rank]!]: shed } });
        let status: unknown;
        policy.health$.subscribe((health) => (status = mode === 'enforce' ? health.status : health.details['would'])).unsubscribe();
        expect(status).toBe(['full', 'signal'].includes(model.verdict(rank)) ? 'degraded' : 'up');
      });
    };
    try {
      inStep(real, model, steps, compare);
      expect([shedder.inFlight, shedder.queued]).toStrictEqual([0, 0]);
      expect(real.limit.samples).toStrictEqual(model.samples);
      expect(model.unfair).toStrictEqual([]);
      // A policy whose mode changes lets in more than its share.
      if (!modes) expect(real.broken).toStrictEqual([]);
      expect(real.fates.filter((fate) => fate.length !== 1)).toStrictEqual([]);
    } finally {
      real.drain();
    }
  });
}

describe('a shedder and its policies, whatever their callers do and when', () => {
  it('do what their model does, in that order', () => {
    fc.assert(
      fc.property(scripts(setting), steps(setting), setup, fc.boolean(), (scripts, steps, setup, observed) =>
        play(scripts, steps, setup, observed, false),
      ),
      runs(300),
    );
  });

  it('do what their model does where modes change too', () => {
    fc.assert(
      fc.property(scripts(settingOfModes), steps(settingOfModes), setup, fc.boolean(), (scripts, steps, setup, observed) =>
        play(scripts, steps, setup, observed, true),
      ),
      runs(300),
    );
  });
});
