import { Circuit } from '../../src/core/circuit.js';
import type { CircuitSettings, Probe, Transition } from '../../src/core/circuit-state.js';
import type { Outcome } from '../../src/core/outcome.js';
import { consecutiveFailures } from '../../src/core/trip.js';
import type { TripRule } from '../../src/core/trip-state.js';

export const settings: CircuitSettings = { successThreshold: 2, maxProbes: 1, probeTimeout: 10 };

export interface Made {
  readonly circuit: Circuit;
  /** As `from>to@time`. */
  readonly moves: string[];
  /** Admits at `now`; a call that was not admitted is a refusal. */
  readonly call: (now: number) => (outcome: Outcome, at: number, ran?: number) => string;
  readonly probeOf: (now: number) => Probe;
}

export function make(rule: TripRule = consecutiveFailures(2), over: Partial<CircuitSettings> = {}): Made {
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
      return (outcome, at, ran = at - now) => {
        const counted = circuit.settle(generation, probe, outcome, ran, at, undefined);
        // A rule that has no time of its own may trip before anybody has read the clock.
        if (counted === 'trips' && at === at) circuit.open(at, undefined);
        return counted;
      };
    },
    probeOf: (now) => admit(now)!,
  };
}

export function halfOpen(over: Partial<CircuitSettings> = {}, rule?: TripRule): Made {
  const made = make(rule, over);
  made.circuit.open(0, undefined, 100);
  made.circuit.advance(100);
  made.moves.length = 0;
  return made;
}
