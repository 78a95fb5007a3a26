import type { CircuitName } from './client.ts';
import {
  type BackendName, backendNames, type ClientName, phaseSpans, type PhaseSpan, type Scenario, windowsOf,
} from './scenario.ts';
import type { Simulation, World } from './simulation.ts';
import { recoverySecond, successPer, summarise, type Summary } from './statistics.ts';

/** Shares are from 0 to 1, latencies in milliseconds. */
export interface ClientReport {
  readonly before: Summary;
  readonly outage: Summary;
  readonly after: Summary;
  readonly whole: Summary;
  /** Requests that reached the backend during the outage of payments. */
  readonly requestsInOutage: number;
  /** Requests that reached it in all, from the start of the script. */
  readonly requests: number;
  /** Those of them that brought nobody an answer: they failed, or nobody was there any more to take it. */
  readonly wasted: number;
  /** The first second after the recovery in which at least 99 % of the calls are answered, from 1; null: none. */
  readonly recoverySecond: number | null;
}

export type BackendReport = Readonly<Record<ClientName, ClientReport>>;

export interface Report {
  readonly seed: number;
  /** Calls per second of each client to each backend. */
  readonly rate: number;
  /** In milliseconds, as everything here. */
  readonly patience: number;
  readonly phases: readonly PhaseSpan[];
  readonly backends: Readonly<Record<BackendName, BackendReport>>;
  readonly timeline: Timeline;
}

export interface Timeline {
  /** Milliseconds that one column stands for. */
  readonly slice: number;
  readonly success: Readonly<Record<BackendName, Readonly<Record<ClientName, readonly (number | null)[]>>>>;
  /** Of the resilient client; the state that lasted longest in that time. */
  readonly circuits: Readonly<Record<BackendName, readonly CircuitName[]>>;
}

export function reportOf(simulation: Simulation): Report {
  const { scenario, worlds } = simulation;
  const { seed, rate, patience } = scenario;
  const backendReport = (name: BackendName): BackendReport => ({
    bare: clientReport(worlds.bare, name, scenario),
    resilient: clientReport(worlds.resilient, name, scenario),
  });
  return {
    seed,
    rate,
    patience,
    phases: phaseSpans(scenario),
    backends: { payments: backendReport('payments'), inventory: backendReport('inventory') },
    timeline: timelineOf(simulation, 1_000),
  };
}

function clientReport({ records, backends }: World, name: BackendName, scenario: Scenario): ClientReport {
  const windows = windowsOf(scenario);
  const own = records.filter(({ backend }) => backend === name);
  const requests = backends[name].requests({ from: 0, to: Infinity });
  return {
    before: summarise(own, windows.before),
    outage: summarise(own, windows.outage),
    after: summarise(own, windows.after),
    whole: summarise(own, windows.whole),
    requestsInOutage: backends[name].requests(windows.outage),
    requests,
    wasted: requests - own.filter(({ ending }) => ending === 'answer').length,
    recoverySecond: recoverySecond(own, windows.after) ?? null,
  };
}

function timelineOf({ scenario, worlds, circuits }: Simulation, slice: number): Timeline {
  const { whole } = windowsOf(scenario);
  const success = (name: BackendName): Record<ClientName, (number | null)[]> => {
    const of = ({ records }: World): (number | null)[] => {
      const own = records.filter(({ backend }) => backend === name);
      return successPer(own, whole, slice).map((share) => share ?? null);
    };
    return { bare: of(worlds.bare), resilient: of(worlds.resilient) };
  };
  const states = (name: BackendName): CircuitName[] => {
    const columns: CircuitName[] = [];
    for (let from = whole.from; from < whole.to; from += slice) columns.push(circuits[name].mostly({ from, to: from + slice }));
    return columns;
  };
  const [payments, inventory] = backendNames;
  return {
    slice,
    success: { payments: success(payments), inventory: success(inventory) },
    circuits: { payments: states(payments), inventory: states(inventory) },
  };
}
