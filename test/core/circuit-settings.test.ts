import { describe, expect, it } from 'vitest';
import { consecutiveFailures } from '../../src/core/trip.js';
import { halfOpen, make, settings } from './circuit-made.js';

describe('a circuit that goes on by other settings', () => {
  it('closes where what has succeeded is enough now, and not where it is not', () => {
    const { call, circuit, moves } = halfOpen({ successThreshold: 3 });
    call(101)('success', 102);
    circuit.adapt({ ...settings, successThreshold: 2 }, undefined, 103);
    expect(moves).toStrictEqual([]);
    circuit.adapt({ ...settings, successThreshold: 1 }, undefined, 104);
    expect(moves).toStrictEqual(['half-open>closed@104 probed']);
  });

  it('closes now where a shorter time is over since before', () => {
    const { circuit, moves, probeOf } = halfOpen({ successThreshold: 1 });
    probeOf(101).valued = true;
    circuit.adapt({ ...settings, successThreshold: 1, probeTimeout: 2 }, undefined, 108);
    expect(moves).toStrictEqual(['half-open>closed@108 probed']);
  });

  it('frees the slot of a probe without a value where a shorter time is over', () => {
    const { call, circuit } = halfOpen();
    call(101);
    circuit.adapt({ ...settings, probeTimeout: 2 }, undefined, 108);
    expect(() => call(108)).not.toThrow();
  });

  it.each(['closed', 'open', 'isolated'] as const)('moves nothing while %s', (state) => {
    const { circuit, moves } = make();
    if (state === 'open') circuit.open(1, undefined);
    if (state === 'isolated') circuit.isolate(1);
    moves.length = 0;
    circuit.adapt({ successThreshold: 1, maxProbes: 9, probeTimeout: 1 }, undefined, 2);
    expect({ moves, state: circuit.name }).toStrictEqual({ moves: [], state });
  });

  it('opens by another rule from then on, with what was counted', () => {
    const { call, circuit, moves } = make(consecutiveFailures(3));
    call(1)('failure', 1);
    circuit.adapt(settings, consecutiveFailures(2), 2);
    call(3)('failure', 3);
    expect(moves).toStrictEqual(['closed>open@3']);
  });

  it('goes on by the rule it has where none is given', () => {
    const { call, circuit, moves } = make(consecutiveFailures(2));
    call(1)('failure', 1);
    circuit.adapt(settings, undefined, 2);
    call(3)('failure', 3);
    expect(moves).toStrictEqual(['closed>open@3']);
  });
});
