import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { between } from './random.ts';
import type { PhaseName, Scenario, Span } from './scenario.ts';

export interface Backend {
  readonly url: string;
  /** Requests that came in a span of time. */
  requests(span: Span): number;
  /** Forgets the requests that came so far. */
  forget(): void;
  close(): Promise<void>;
}

export interface BackendSettings {
  readonly scenario: Scenario;
  /** The phase that it is in now. */
  readonly phase: () => PhaseName;
  /** Milliseconds since the start. */
  readonly clock: () => number;
  readonly random: () => number;
  /** Share of its calls that it fails while it is healthy. */
  readonly blips: number;
}

/**
 * A real server on the loopback interface. How it answers is decided by the phase in which the request comes: one that
 * hangs does so until its client closes the connection, also when the backend has recovered.
 */
export async function startBackend({ scenario, phase, clock, random, blips }: BackendSettings): Promise<Backend> {
  const arrivals: number[] = [];

  const server = createServer((request, response) => {
    arrivals.push(clock());
    request.resume();
    const now = phase();
    if (now === 'hanging') return;
    if (now === 'failing') return answer(response, 503, 5);
    if (now === 'slow') return answer(response, 200, between(scenario.slowTime, random));
    answer(response, random() < blips ? 503 : 200, between(scenario.healthyTime, random));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    requests: ({ from, to }) => arrivals.filter((time) => time >= from && time < to).length,
    forget: () => void arrivals.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, after: number): void {
  const timer = setTimeout(() => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status }));
  }, after);
  response.once('close', () => clearTimeout(timer));
}
