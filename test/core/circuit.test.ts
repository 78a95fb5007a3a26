import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Circuit } from '../../src/core/circuit.js';
import type { Probe, Transition } from '../../src/core/circuit-state.js';
import type { Outcome } from '../../src/core/outcome.js';
import { consecutiveFailures, failureRate, slowCallRate } from '../../src/core/trip.js';
import type { TripRule } from '../../src/core/trip-state.js';

const settings = { successThreshold: 2, maxProbes: 1, probeTimeout: 10 };

interface Made {
  readonly circuit: Circuit;
  /** As `from>to@time`. */
  readonly moves: string[];
  /** Admits at `now`; a call that was not admitted is a refusal. */
  readonly call: (now: number) => (outcome: Outcome, at: number, ran?: number) => string;
  readonly probeOf: (now: number) => Probe;
}

function make(rule: TripRule = consecutiveFailures(2), over: Partial<typeof settings> = {}): Made {
  const moves: string[] = [];
  const told = ({ from, to, at }: Transition, _error: unknown, probed: boolean): void =>
    void moves.push(`${from}>${to}@${at}${probed ? ' probed' : ''}`);
  const circuit = new Circuit(rule.start(undefined), { ...settings, ...over }, () => 100, told);
  const admit = (now: number): Probe | undefined => {
    circuit.advance(now);
    const answer = circuit.admit(now);
    if (answer !== undefined && 'reason' in answer) throw new Error(`${answer.reason} ${String(answer.retryAfter)}`);
    return answer;
  };
  return {
    circuit,
    moves,
    call: (now) => {
      const probe = admit(now);
      const { generation } = circuit;
      return (outcome, at, ran = at - now) => circuit.settle(generation, probe, outcome, ran, at, undefined);
    },
    probeOf: (now) => admit(now)!,
  };
}

function halfOpen(over: Partial<typeof settings> = {}, rule?: TripRule): Made {
  const made = make(rule, over);
  made.circuit.open(0, undefined, 100);
  made.circuit.advance(100);
  made.moves.length = 0;
  return made;
}

describe('a circuit', () => {
  it('opens by its rule, and is half-open when its time is over, for the time at which it was due', () => {
    const { call, circuit, moves } = make();
    expect(call(1)('failure', 2)).toBe('counted');
    expect(call(3)('failure', 4)).toBe('counted');
    expect(moves).toStrictEqual(['closed>open@4']);
    expect([circuit.stateAt(103), circuit.stateAt(104), circuit.due, circuit.remaining(54)]).toStrictEqual(['open', 'half-open', 104, 50]);
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

  it('asks for the time where a success is what opens it and nobody has read the clock', () => {
    const { call, circuit, moves } = make(failureRate({ threshold: 0.5, window: { calls: 2 }, minimumCalls: 2 }));
    call(1)('failure', 1);
    expect(call(2)('success', NaN)).toBe('trips');
    expect(circuit.isClosed).toBe(true);
    circuit.open(7, undefined);
    expect(moves).toStrictEqual(['closed>open@7']);
  });

  it('closes after so many probes', () => {
    const { call, circuit, moves } = halfOpen();
    call(101)('success', 102);
    expect(circuit.name).toBe('half-open');
    call(103)('success', 104);
    expect(moves).toStrictEqual(['half-open>closed@104 probed']);
  });

  it('opens with the first probe that fails, and counts anew after that', () => {
    const { call, circuit, moves } = halfOpen();
    call(101)('success', 102);
    call(103)('failure', 104);
    circuit.advance(204);
    call(205)('failure', 206);
    expect(moves).toStrictEqual(['half-open>open@104 probed', 'open>half-open@204', 'half-open>open@206']);
  });

  it('gives the place of a probe back that says nothing', () => {
    const { call, circuit } = halfOpen();
    const end = call(101);
    expect(() => call(102)).toThrow('half-open 9');
    expect(end('ignored', 103)).toBe('ignored');
    call(104)('abandoned', 105);
    call(106);
    expect(circuit.name).toBe('half-open');
  });

  it('takes a probe that is slow by its rule for a failed one', () => {
    const { call, moves } = halfOpen({}, slowCallRate({ threshold: 1, slowerThan: 5, window: { calls: 1 } }));
    call(101)('success', 106, 4);
    call(107)('success', 112, 5);
    expect(moves).toStrictEqual(['half-open>open@112 probed']);
  });

  it('takes a probe with a value for a success when its time is over, and is due then', () => {
    const { call, circuit, moves, probeOf } = halfOpen({ maxProbes: 2 });
    probeOf(101).valued = true;
    expect(circuit.due).toBe(Infinity);
    probeOf(103).valued = true;
    expect(circuit.due).toBe(113);
    expect([circuit.stateAt(112), circuit.stateAt(113)]).toStrictEqual(['half-open', 'closed']);
    circuit.advance(200);
    expect(moves).toStrictEqual(['half-open>closed@113 probed']);
    expect(call(201)('success', 202)).toBe('counted');
  });

  it('closes once, though more probes than it needs are over', () => {
    const { circuit, moves, probeOf } = halfOpen({ maxProbes: 3, successThreshold: 1 });
    for (const probe of [probeOf(101), probeOf(102), probeOf(103)]) probe.valued = true;
    circuit.advance(200);
    expect(moves).toStrictEqual(['half-open>closed@111 probed']);
  });

  it('goes by when probes began, not by when they were admitted', () => {
    const { circuit, moves, probeOf } = halfOpen({ maxProbes: 2, successThreshold: 1 });
    const waited = probeOf(101);
    const next = probeOf(102);
    waited.started = 104;
    waited.valued = next.valued = true;
    expect(circuit.due).toBe(112);
    circuit.advance(200);
    expect(moves).toStrictEqual(['half-open>closed@112 probed']);
  });

  it('frees the slot of a probe without a value, whose result still counts', () => {
    const { call, moves } = halfOpen({ successThreshold: 1 });
    const slow = call(101);
    expect(() => call(110)).toThrow('half-open 1');
    const next = call(111);
    expect(slow('success', 115)).toBe('counted');
    expect(moves).toStrictEqual(['half-open>closed@115 probed']);
    expect(next('failure', 116)).toBe('late');
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
            expect(counted === 'late').toBe(late);
            if (late) expect(circuit.name).toBe(name);
          }
          expect(circuit.name === 'isolated').toBe(held > 0);
        }
      }),
    );
  });
});
