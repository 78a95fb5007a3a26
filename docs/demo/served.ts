import { Agent, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { healthBoard, healthCheck, heartbeat, policyRegistry, warmup } from 'rxjs-resilience';
import { healthHandler } from 'rxjs-resilience/node';
import { type Backend, startBackend } from './backend.ts';
import type { Client } from './client.ts';
import { type CallRecord, runLoad } from './load.ts';
import { seeded } from './random.ts';
import { get } from './request.ts';
import { resilientClient } from './resilient-client.ts';
import { type BackendName, backendNames, phaseAt, type PhaseName, phaseSpans, type Scenario } from './scenario.ts';

export interface ServedDemo {
  /** Of the dashboard. */
  readonly url: string;
  /** The phase of the payments backend. */
  readonly phase: () => PhaseName;
  /** Ends the calls and closes everything. */
  close(): Promise<void>;
}

/** The resilient client alone, over and over through the same outage, with its policies on the dashboard. */
export async function serveDemo(scenario: Scenario, port: number): Promise<ServedDemo> {
  const spans = phaseSpans(scenario);
  const length = spans.at(-1)!.to;
  const start = performance.now();
  const clock = (): number => performance.now() - start;
  const phase = (): PhaseName => phaseAt(spans, clock() % length).name;

  const stopped = new AbortController();
  const agent = new Agent({ keepAlive: false });
  const backends = await startBackends(scenario, clock, phase);
  const registry = policyRegistry();
  const urls = { payments: backends.payments.url, inventory: backends.inventory.url };
  const client = resilientClient(urls, { scenario, random: seeded(scenario.seed + 2), onCircuit: () => undefined, registry });

  const loop = heartbeat('loop', { within: 5_000 });
  const inventory = healthCheck('inventory', () => get(urls.inventory, agent, AbortSignal.timeout(1_000)), { every: 5_000, required: true });
  const board = healthBoard({
    startup: { 'first calls': warmup('first calls', firstCalls(client)) },
    ready: { inventory, payments: registry.get('payments', 'circuitBreaker')!, pool: registry.get('payments', 'bulkhead')! },
    live: { loop },
  });
  // Who can reach the loopback interface of this machine may press every button of a demo. A page of another origin
  // cannot: that is refused before anybody is asked, and so is any other name for this machine.
  const handler = healthHandler(board, {
    ...{ registry, details: true, policies: true, stream: true, dashboard: true, control: true },
    authorize: ({ socket }) => ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(socket.remoteAddress ?? ''),
    allowedHosts: ['127.0.0.1', 'localhost'],
  });
  const server = createServer((request, response) => handler(request, response));

  const close = async (): Promise<void> => {
    stopped.abort();
    clearInterval(ticking);
    handler.dispose();
    board.dispose();
    client.close();
    registry.dispose();
    agent.destroy();
    await Promise.all([closed(server), ...backendNames.map((name) => backends[name].close())]);
  };
  const calls = backendNames.map((backend, index) => {
    const from = clock() + (index * 500) / scenario.rate;
    const load = { client, backend, rate: scenario.rate, from, to: Infinity, patience: scenario.patience, clock };
    return { records: [] as CallRecord[], load };
  });
  for (const { load, records } of calls) void runLoad({ ...load, records }, stopped.signal);
  // Nobody adds up a story without an end.
  const forget = (): void => {
    loop.beat();
    for (const { records } of calls) records.length = 0;
    for (const name of backendNames) backends[name].forget();
  };
  const ticking = setInterval(forget, 1_000);

  try {
    return { url: `http://127.0.0.1:${await listening(server, port)}/health/dashboard`, phase, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startBackends(scenario: Scenario, clock: () => number, phase: () => PhaseName): Promise<Record<BackendName, Backend>> {
  return {
    payments: await startBackend({ scenario, clock, phase, random: seeded(scenario.seed), blips: scenario.blips }),
    inventory: await startBackend({ scenario, clock, phase: () => 'healthy', random: seeded(scenario.seed + 1), blips: 0 }),
  };
}

async function firstCalls(client: Client): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.allSettled(backendNames.map((name) => client.call(name)));
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
