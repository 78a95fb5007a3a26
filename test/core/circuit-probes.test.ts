import { describe, expect, it } from 'vitest';
import { slowCallRate } from '../../src/core/trip.js';
import { halfOpen } from './circuit-made.js';

describe('a half-open circuit', () => {
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

  it('counts a probe once, though it ends after its time has made a success of it', () => {
    const { circuit, moves, probeOf } = halfOpen({ maxProbes: 2 });
    const [early, later] = [probeOf(101), probeOf(109)];
    early.valued = true;
    circuit.advance(111);
    expect(circuit.settle(circuit.generation, early, 'failure', 14, 115, undefined)).toBe('ignored');
    expect(moves).toStrictEqual([]);
    expect(circuit.settle(circuit.generation, later, 'success', 7, 116, undefined)).toBe('counted');
    expect(moves).toStrictEqual(['half-open>closed@116 probed']);
  });

  it('is closed when its probes have succeeded in time, though one of them then ends otherwise before anybody looks', () => {
    const { call, circuit, moves, probeOf } = halfOpen({ successThreshold: 1 });
    const probe = probeOf(101);
    const { generation } = circuit;
    probe.valued = true;
    expect(circuit.settle(generation, probe, 'failure', 99, 200, undefined)).toBe('late');
    expect(moves).toStrictEqual(['half-open>closed@111 probed']);
    expect(call(201)('success', 202)).toBe('counted');
  });

  it('is not moved by a late probe, though it would be half-open by then', () => {
    const { circuit, moves, probeOf } = halfOpen({ maxProbes: 2 });
    const [failing, late] = [probeOf(101), probeOf(101)];
    const { generation } = circuit;
    circuit.settle(generation, failing, 'failure', 1, 102, undefined);
    expect(circuit.settle(generation, late, 'success', 899, 1_000, undefined)).toBe('late');
    expect(moves).toStrictEqual(['half-open>open@102']);
  });

  it('needs as many more probes as have not succeeded yet, those with a value first', () => {
    const { call, circuit, probeOf } = halfOpen({ maxProbes: 3, successThreshold: 3 });
    call(101)('success', 102);
    probeOf(103).valued = true;
    const silent = probeOf(104);
    expect(circuit.due).toBe(Infinity);
    probeOf(106).valued = true;
    expect(circuit.due).toBe(116);
    expect(circuit.stateAt(115)).toBe('half-open');
    expect(circuit.stateAt(116)).toBe('closed');
    expect(silent.running).toBe(true);
  });

  it('does not count the value of a probe that has lost its slot before it came', () => {
    const { circuit, probeOf } = halfOpen({ successThreshold: 1 });
    const slow = probeOf(101);
    circuit.advance(111);
    slow.valued = true;
    expect(circuit.due).toBe(Infinity);
    expect(circuit.stateAt(999)).toBe('half-open');
  });
});
