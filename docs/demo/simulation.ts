import { type Backend, startBackend } from './backend.ts';
import { bareClient } from './bare-client.ts';
import { type CircuitLog, circuitLog } from './circuit-log.ts';
import type { Client, Urls } from './client.ts';
import { type CallRecord, runLoad } from './load.ts';
import { seeded } from './random.ts';
import { resilientClient } from './resilient-client.ts';
import {
  type BackendName, backendNames, type ClientName, clientNames, phaseAt, type PhaseName, phaseSpans, type Scenario,
} from './scenario.ts';

/** One client with two backends of its own. */
export interface World {
  readonly client: Client;
  readonly backends: Readonly<Record<BackendName, Backend>>;
  readonly records: readonly CallRecord[];
}

export interface Simulation {
  readonly scenario: Scenario;
  readonly worlds: Readonly<Record<ClientName, World>>;
  readonly circuits: Readonly<Record<BackendName, CircuitLog>>;
  /** Milliseconds since the start. */
  readonly clock: () => number;
  /** The phase of the payments backends. */
  readonly phase: () => PhaseName;
  /** All calls have ended, and everything is closed. */
  readonly finished: Promise<void>;
}

/** Starts both clients at once, each against backends of its own that follow the same script. */
export async function startSimulation(scenario: Scenario, signal: AbortSignal): Promise<Simulation> {
  const spans = phaseSpans(scenario);
  // Until the script starts it is long before it, and the backends are healthy.
  let start = Infinity;
  const clock = (): number => performance.now() - start;
  const phase = (): PhaseName => phaseAt(spans, clock()).name;
  const circuits = { payments: circuitLog(), inventory: circuitLog() };

  async function pair(): Promise<Record<BackendName, Backend>> {
    const common = { scenario, clock };
    return {
      payments: await startBackend({ ...common, phase, random: seeded(scenario.seed), blips: scenario.blips }),
      inventory: await startBackend({ ...common, phase: () => 'healthy', random: seeded(scenario.seed + 1), blips: 0 }),
    };
  }
  const backends = { bare: await pair(), resilient: await pair() };
  const random = seeded(scenario.seed + 2);
  const onCircuit = (name: BackendName, state: Parameters<CircuitLog['note']>[1]): void =>
    circuits[name].note(clock(), state);
  const clients: Record<ClientName, Client> = {
    bare: bareClient(urlsOf(backends.bare), scenario),
    resilient: resilientClient(urlsOf(backends.resilient), { scenario, random, onCircuit }),
  };
  const records: Record<ClientName, CallRecord[]> = { bare: [], resilient: [] };
  const world = (name: ClientName): World => ({ client: clients[name], backends: backends[name], records: records[name] });

  await warmUp(Object.values(clients));
  start = performance.now();
  const { rate, patience } = scenario;
  const loads = clientNames.flatMap((name, c) =>
    backendNames.map((backend, b) => {
      // Each a quarter of the interval after the one before, so that they do not come in bursts.
      const from = ((2 * c + b) * 250) / rate;
      const load = { client: clients[name], backend, rate, from, to: spans.at(-1)!.to, patience, clock };
      return runLoad({ ...load, records: records[name] }, signal);
    }),
  );
  const finished = Promise.all(loads).then(async () => {
    for (const name of clientNames) clients[name].close();
    await Promise.all(clientNames.flatMap((name) => backendNames.map((backend) => backends[name][backend].close())));
  });

  return { scenario, worlds: { bare: world('bare'), resilient: world('resilient') }, circuits, clock, phase, finished };
}

/** Calls that nobody counts: the first ones of a process are slow, whoever makes them. */
async function warmUp(clients: readonly Client[]): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.allSettled(clients.flatMap((client) => backendNames.map((backend) => client.call(backend))));
  }
}

function urlsOf({ payments, inventory }: Record<BackendName, Backend>): Urls {
  return { payments: payments.url, inventory: inventory.url };
}
