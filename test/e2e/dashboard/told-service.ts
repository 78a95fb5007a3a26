import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventMessage, HealthMessage, HealthView, PoliciesMessage, PolicyView } from '../../../src/node/stream-messages.js';
import { dashboardPage } from '../../../src/node/dashboard/page.js';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly requestedWith: string | undefined;
  readonly body: string;
}

type Sent = ['health', HealthMessage] | ['policies', PoliciesMessage] | ['event', EventMessage];

/** A server that says over the stream what a test tells it to say, and nothing else. */
export class ToldService {
  readonly asked: Asked[] = [];
  /** The status with which controls are answered. */
  answer = 204;
  reason: string | undefined;
  /** Streams are refused. */
  isFull = false;
  refused = 0;
  /** Told to each who comes. */
  greeting: () => readonly Sent[] = () => [];
  private readonly open = new Set<ServerResponse>();
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}/health/dashboard`;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      if (method === 'POST') {
        const about = { method, url, contentType: headers['content-type'], requestedWith: headers['x-requested-with'] as string };
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          this.asked.push({ ...about, body });
          response.writeHead(this.answer).end(this.reason);
        });
      } else if (url === '/health/dashboard') {
        const { html, contentSecurityPolicy } = dashboardPage();
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': contentSecurityPolicy });
        response.end(html);
      } else if (url === '/health/stream' && this.isFull) {
        this.refused++;
        response.writeHead(503).end();
      } else if (url === '/health/stream') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('retry: 200\n\n');
        this.open.add(response);
        response.on('close', () => this.open.delete(response));
        for (const message of this.greeting()) write(response, message);
      } else {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  get streams(): number {
    return this.open.size;
  }

  send(...message: Sent): void {
    for (const response of this.open) write(response, message);
  }

  /** Goes away, and all connections with it; `start` brings it back to the same port. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

function write(response: ServerResponse, [type, data]: Sent): void {
  response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
}

export function health(name: string, status: HealthView['status'] = 'up', more: Partial<HealthView> = {}): HealthView {
  return { name, status, required: false, since: Date.now() - 90_000, details: {}, ...more };
}

export function boardOf(status: HealthView['status'], components: readonly HealthView[] = []): HealthMessage {
  const named = Object.fromEntries(components.map((part) => [part.name, part]));
  const one = (name: string, as: HealthView['status']): HealthView => health(name, as, { required: true });
  return { at: Date.now(), live: one('live', 'up'), startup: one('startup', 'up'), ready: { ...one('ready', status), components: named } };
}

export function breaker(policy: string, state: NonNullable<PolicyView['state']> = 'closed', more: Partial<PolicyView> = {}): PolicyView {
  const status = state === 'closed' ? 'up' : state === 'half-open' ? 'degraded' : 'down';
  const metrics = { calls: 0, successes: 0, failures: 0, refused: 0, opened: 0 };
  return { policy, kind: 'circuitBreaker', mode: 'enforce', state, health: health(policy, status), metrics, ...more };
}

export function policies(views: readonly PolicyView[], more: Partial<PoliciesMessage> = {}): PoliciesMessage {
  return { at: Date.now(), whole: true, policies: views, gone: [], control: false, ...more };
}
