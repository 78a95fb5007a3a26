import { of, throwError } from 'rxjs';
import type { CircuitBreakerOptions } from '../src/circuit-breaker/breaker-options.js';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { consecutiveFailures } from '../src/core/trip.js';
import { outcomeDeadlineRows } from './outcome-deadline-rows.js';
import { type Kind, outcomeRows, type Row } from './outcome-rows.js';
import { outcomeWaitRows } from './outcome-wait-rows.js';
import { down, errorWith, scenario, type Scenario } from './scenario.js';

const refused = (reason: string): unknown => errorWith({ code: 'CIRCUIT_OPEN', reason });
const answered = (is: Kind): string => (is === 'success' ? 'the dependency has answered' : is);

const rows: readonly Row[] = [...outcomeRows, ...outcomeDeadlineRows, ...outcomeWaitRows];

const none = { successes: 0, failures: 0, ignored: 0, abandoned: 0, late: 0, refused: 0 };
const counter = { success: 'successes', failure: 'failures', ignored: 'ignored', abandoned: 'abandoned' } as const;

type Rest = Pick<Scenario, 'title' | 'subscriptions' | 'states' | 'metrics'>;

function base(row: Row, start: string, options: CircuitBreakerOptions, others: readonly Scenario['calls'][number][], rest: Rest): Scenario {
  const { call = '^', sees, error, values, fails, source = '-', pipe } = row;
  return scenario({
    ...rest,
    policies: () => ({ breaker: circuitBreaker({ failureThreshold: 1, breakDuration: 1_000, ...row.options, ...options }) }),
    source: source.trim(),
    ...(fails !== undefined && { fails }),
    ...(values !== undefined && { values }),
    pipe: (from, { breaker }, { index }) => {
      if (index === 1) return throwError(() => down).pipe(breaker);
      if (index === 2) return of('x').pipe(breaker);
      return pipe === undefined ? from.pipe(breaker) : pipe(from, breaker);
    },
    calls: [{ call: `${start} ${call.trim()}`, sees: `${start} ${sees.trim()}`, ...(error !== undefined && { error }) }, ...others],
  });
}

const subscribed = ({ subscription }: Row, start: string): readonly string[] =>
  subscription === undefined ? [] : [`${start} ${subscription.trim()}`];

/** On its own, in a circuit that opens with the first failure. */
function closed(row: Row): Scenario {
  const { at, ends, is } = row;
  return base(row, '5ms', {}, [], {
    title: `${ends}: ${answered(is)}`,
    subscriptions: subscribed(row, '5ms'),
    states: { breaker: is === 'failure' ? `c ${4 + at}ms o 999ms h` : 'c' },
    metrics: { breaker: { ...none, calls: 1, [counter[is]]: 1, opened: is === 'failure' ? 1 : 0 } },
  });
}

/** Between two failures: a success ends the row, what moves nothing does not. */
function inARow(row: Row): Scenario {
  const { at, ends, is } = row;
  const after = 6 + at;
  const opensAt = is === 'success' ? undefined : is === 'failure' ? 5 + at : after;
  const options = { failureThreshold: undefined, trip: consecutiveFailures(2) };
  const failures = [
    { call: '-^', sees: '-#', error: down },
    { call: `${after}ms ^`, sees: `${after}ms #`, error: is === 'failure' ? refused('open') : down },
  ];
  const own = base(row, '5ms', options, failures, {
    title: `${ends}, between two failures: ${is === 'success' ? 'ends the row' : is === 'failure' ? 'is part of the row' : 'leaves the row'}`,
    subscriptions: subscribed(row, '5ms'),
    states: { breaker: opensAt === undefined ? 'c' : `c ${opensAt - 1}ms o 999ms h` },
    metrics: { breaker: { calls: 3, refused: is === 'failure' ? 1 : 0, failures: 2 } },
  });
  return { ...own, pipe: (from, policies, helpers) => own.pipe(from, policies, { ...helpers, index: helpers.index === 2 ? 1 : helpers.index }) };
}

/** As a probe: the next call is let through where it has closed the circuit or given its place back. */
function asProbe(row: Row): Scenario {
  const { admitted = 0, at, ends, is } = row;
  const after = 6 + at;
  const next = is === 'failure' ? { sees: `${after}ms #`, error: refused('open') } : { sees: `${after}ms (x|)` };
  const during = at >= admitted + 2 ? [{ call: `${6 + admitted}ms ^`, sees: `${6 + admitted}ms #`, error: refused('half-open') }] : [];
  const moved = is === 'success' ? `${4 + at - 2}ms c` : is === 'failure' ? `${4 + at - 2}ms o 999ms h` : `${after - 3}ms c`;
  const options: CircuitBreakerOptions = { initialState: { state: 'open', remaining: 2 }, successThreshold: 1 };
  const own = base(row, '5ms', options, [...during, { call: `${after}ms ^`, ...next }], {
    title: `${ends}, as a probe: ${is === 'success' ? 'closes it' : is === 'failure' ? 'opens it again' : 'gives its place back'}`,
    subscriptions: subscribed(row, '5ms'),
    states: { breaker: `o-h ${moved}` },
    metrics: { breaker: { calls: 2 + during.length, refused: during.length + (is === 'failure' ? 1 : 0) } },
  });
  return { ...own, pipe: (from, policies, helpers) => own.pipe(from, policies, { ...helpers, index: helpers.index === 0 ? 0 : 2 }) };
}

/** Admitted before the circuit opened: it is late, whatever it is. */
function late(row: Row): Scenario {
  const opens = 6 + (row.admitted ?? 0);
  return base(row, '5ms', {}, [{ call: `${opens}ms ^`, sees: `${opens}ms #`, error: down }], {
    title: `${row.ends}, of a call from before the circuit opened: late`,
    subscriptions: subscribed(row, '5ms'),
    states: { breaker: `c ${opens - 1}ms o 999ms h` },
    metrics: { breaker: { ...none, calls: 2, failures: 1, late: 1, opened: 1 } },
  });
}

/** Every row of the table of outcomes, in a closed circuit, in a row of failures, as a probe, and late. */
export const outcomeScenarios: readonly Scenario[] = [
  ...rows.map(closed),
  ...rows.map(inARow),
  ...rows.map(asProbe),
  ...rows.filter(({ admitted = 0, at }) => at >= admitted + 2).map(late),
];
