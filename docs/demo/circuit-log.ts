import type { CircuitName } from './client.ts';
import type { Span } from './scenario.ts';

interface Change {
  readonly at: number;
  readonly state: CircuitName;
}

/** The states of a circuit over time. */
export interface CircuitLog {
  note(at: number, state: CircuitName): void;
  /** The state that lasted longest in a span of time; before the first note it was closed. */
  mostly(span: Span): CircuitName;
}

export function circuitLog(): CircuitLog {
  const changes: Change[] = [{ at: -Infinity, state: 'closed' }];
  return {
    note: (at, state) => void changes.push({ at, state }),
    mostly({ from, to }) {
      const lasted = new Map<CircuitName, number>();
      changes.forEach(({ at, state }, index) => {
        const end = Math.min(changes[index + 1]?.at ?? Infinity, to);
        const time = end - Math.max(at, from);
        if (time > 0) lasted.set(state, (lasted.get(state) ?? 0) + time);
      });
      let longest: CircuitName = 'closed';
      for (const [state, time] of lasted) if (time > (lasted.get(longest) ?? 0)) longest = state;
      return longest;
    },
  };
}
