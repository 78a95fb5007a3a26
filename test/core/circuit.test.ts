import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../src/core/circuit.js';
import type { Probe } from '../../src/core/circuit-state.js';
import type { Outcome } from '../../src/core/outcome.js';
import { consecutiveFailures, failureRate } from '../../src/core/trip.js';
import { halfOpen, make, settings } from './circuit-made.js';

describe('a circuit', () => {
  it('opens by its rule, and is half-open when its time is over, for the time at which it was due', () => {
    const { call, circuit, moves } = make();
    expect(call(1)('failure', 2)).toBe('counted');
    expect(call(3)('failure', 4)).toBe('trips');
    expect(moves).toStrictEqual(['closed>open@4']);
    expect([circuit.stateAt(103), circuit.stateAt(104), circuit.due]).toStrictEqual(['open', 'half-open', 104]);
    expect(circuit.name).toBe('open');
    expect(() => call(54)).toThrow('open 50');
    circuit.advance(500);
    expect(moves).toStrictEqual(['closed>open@4', 'open>half-open@104']);
  });

  it.each<[Outcome, string]>([
    ['success', 'counted'],
    ['failure', 'counted'],
    ['ignored', 'ignored'],
    ['abandoned', 'ignored'],
  ])('takes %s of a closed one as %s', (outcome, counted) => {
    expect(make().call(1)(outcome, 2)).toBe(counted);
  });

  it('says that it is to be opened where a success decides, which needs no time', () => {
    const { call, circuit, moves } = make(failureRate({ threshold: 0.5, window: { calls: 2 }, minimumCalls: 2 }));
    call(1)('failure', 1);
    expect(call(2)('success', NaN)).toBe('trips');
    expect(circuit.isClosed).toBe(true);
    circuit.open(7, undefined);
    expect(moves).toStrictEqual(['closed>open@7']);
  });

  it('is open for no time in any state but open', () => {
    const { circuit } = make();
    expect([circuit.due, circuit.isClosed]).toStrictEqual([Infinity, true]);
    circuit.open(5, undefined);
    expect([circuit.due, circuit.isClosed]).toStrictEqual([105, false]);
    circuit.advance(105);
    expect([circuit.due, circuit.isClosed]).toStrictEqual([Infinity, false]);
    circuit.isolate(106);
    expect([circuit.due, circuit.isClosed]).toStrictEqual([Infinity, false]);
  });

  it('does not open by successes', () => {
    const { call, circuit } = make();
    for (let at = 1; at < 9; at++) call(at)('success', at);
    expect(circuit.name).toBe('closed');
  });

  it('has forgotten the failures that opened it when it closes', () => {
    const { call, circuit, moves } = make(consecutiveFailures(2), { successThreshold: 1 });
    for (const at of [1, 2]) call(at)('failure', at);
    call(102)('success', 103);
    call(104)('failure', 105);
    expect(circuit.name).toBe('closed');
    call(106)('failure', 107);
    expect(moves.at(-1)).toBe('closed>open@107');
  });

  it('says the rate of its rule, and none once time has closed it, whether or not anybody has looked', () => {
    const rule = failureRate({ threshold: 0.5, window: { calls: 4 }, minimumCalls: 2 });
    const { call, circuit, probeOf } = make(rule, { successThreshold: 1 });
    call(1)('success', 1);
    expect(circuit.rateAt(1)).toBe(undefined);
    call(2)('success', 2);
    expect(circuit.rateAt(2)).toBe(0);
    call(3)('failure', 3);
    call(4)('failure', 4);
    expect([circuit.rateAt(4), circuit.rateAt(104)]).toStrictEqual([0.5, 0.5]);
    probeOf(105).valued = true;
    expect([circuit.rateAt(114), circuit.rateAt(115)]).toStrictEqual([0.5, undefined]);
  });

  it.each<[string, (circuit: Circuit) => void, readonly string[]]>([
    ['reset', (circuit) => circuit.reset(200), []],
    ['isolated', (circuit) => circuit.isolate(200), ['closed>isolated@200']],
    ['adapted', (circuit) => circuit.adapt({ ...settings, probeTimeout: 999 }, undefined, 200), []],
  ])('first makes the changes that were due where it is %s', (_title, act, more) => {
    const { circuit, moves, probeOf } = halfOpen({ successThreshold: 1 });
    probeOf(101).valued = true;
    act(circuit);
    expect(moves).toStrictEqual(['half-open>closed@111 probed', ...more]);
  });

  it('is held by several, and closed when the last one lets go', () => {
    const { call, circuit, moves } = make();
    const before = call(1);
    circuit.isolate(2);
    circuit.isolate(3);
    expect(() => call(4)).toThrow('isolated undefined');
    circuit.release(5);
    circuit.release(6);
    circuit.release(7);
    expect(moves).toStrictEqual(['closed>isolated@2', 'isolated>closed@6']);
    expect(before('failure', 8)).toBe('late');
  });

  it.each(['closed', 'open', 'half-open', 'isolated'] as const)('forgets with a reset while %s', (state) => {
    const { call, circuit } = make();
    call(1)('failure', 2);
    const before = call(3);
    if (state === 'isolated') circuit.isolate(4);
    else if (state !== 'closed') circuit.open(4, undefined);
    if (state === 'half-open') circuit.advance(104);
    circuit.reset(105);
    expect(circuit.name).toBe(state === 'isolated' ? 'isolated' : 'closed');
    expect(before('failure', 106)).toBe('late');
    if (state === 'isolated') return;
    call(107)('failure', 108);
    expect(circuit.name).toBe('closed');
  });

  const outcome = fc.constantFrom<Outcome>('success', 'failure', 'ignored', 'abandoned');
  const step = fc.oneof(
    fc.record({ do: fc.constant('call' as const) }),
    fc.record({ do: fc.constant('value' as const), which: fc.nat(9) }),
    fc.record({ do: fc.constant('end' as const), which: fc.nat(9), outcome }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(60) }),
    fc.record({ do: fc.constant('isolate' as const) }),
    fc.record({ do: fc.constant('release' as const) }),
    fc.record({ do: fc.constant('reset' as const) }),
  );

  it('never has more probes at once than it may, moves by what is late, or changes by being read', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (steps, maxProbes, successThreshold) => {
        const { circuit, moves } = make(consecutiveFailures(2), { maxProbes, successThreshold });
        const running: { readonly generation: number; readonly probe: Probe | undefined; readonly since: number }[] = [];
        let now = 0;
        let held = 0;
        for (const taken of steps) {
          const told = moves.length;
          circuit.stateAt(now);
          expect(circuit.due).toBe(circuit.due);
          expect(moves.length).toBe(told);
          if (taken.do === 'wait') now += taken.ms;
          else if (taken.do === 'isolate') {
            held++;
            circuit.isolate(now);
          } else if (taken.do === 'release') {
            held = Math.max(0, held - 1);
            circuit.release(now);
          } else if (taken.do === 'reset') circuit.reset(now);
          else if (taken.do === 'call') {
            const state = circuit.stateAt(now);
            circuit.advance(now);
            expect(circuit.name).toBe(state);
            const answer = circuit.admit(now);
            const refused = answer !== undefined && 'reason' in answer;
            if (state === 'closed') expect(answer).toBe(undefined);
            if (state === 'open' || state === 'isolated') expect(refused).toBe(true);
            if (!refused) running.push({ generation: circuit.generation, probe: answer, since: now });
            const fresh = running.filter(({ generation, since }) => generation === circuit.generation && now - since < settings.probeTimeout);
            if (state === 'half-open') expect(fresh.length).toBeLessThanOrEqual(maxProbes);
          } else {
            const call = running[taken.which % Math.max(1, running.length)];
            if (call === undefined) continue;
            if (taken.do === 'value') {
              circuit.advance(now);
              if (call.probe !== undefined) call.probe.valued = true;
              continue;
            }
            circuit.advance(now);
            const { name } = circuit;
            const late = call.generation !== circuit.generation;
            running.splice(running.indexOf(call), 1);
            const counted = circuit.settle(call.generation, call.probe, taken.outcome, now - call.since, now, undefined);
            if (counted === 'trips') circuit.open(now, undefined);
            expect(counted === 'late').toBe(late);
            if (late) expect(circuit.name).toBe(name);
          }
          expect(circuit.name === 'isolated').toBe(held > 0);
        }
      }),
    );
  });
});
