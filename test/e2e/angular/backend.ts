import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';

/** A request as the server saw it. Times are milliseconds of `performance.now()`. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly at: number;
  /** When the client left before it had the whole answer. */
  left?: number;
  /** When the whole answer was out. */
  done?: number;
}

export type Answer = (response: ServerResponse) => void;

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
};
export const failing = (status = 503, headers?: Readonly<Record<string, string>>): Answer => json({ error: status }, status, headers);
/** Never a head. */
export const hanging: Answer = () => {};
/** A head and the beginning of the body. */
export const hangingInside: Answer = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100000' });
  response.write(`{ "items": ["${'x'.repeat(2_000)}`);
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** No `unsafe-eval`: what needs a compiler in the page does not run. */
const contentSecurityPolicy = "default-src 'self'; connect-src *; img-src data:; style-src 'self' 'unsafe-inline'; script-src 'self'";

/** An origin: the files of a built application, and an API that answers by script. */
export class Backend {
  readonly received: Received[] = [];
  /** Who answers pages; without it they are files. */
  pages: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  private readonly script = new Map<string, Answer[]>();
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((request, response) => this.handle(request, response));

  private readonly files: string;

  constructor(files = '') {
    this.files = files;
  }

  async start(): Promise<this> {
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  get url(): string {
    return `http://${this.host}`;
  }

  /** What a path answers, one request after the other; the last one stays. */
  on(where: string, ...answers: readonly Answer[]): void {
    this.script.set(where, [...answers]);
  }

  /** What has come to a path. */
  at(where: string): readonly Received[] {
    return this.received.filter((one) => one.path === where);
  }

  reset(): void {
    this.received.length = 0;
    this.script.clear();
    this.pages = undefined;
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url!, this.url);
    if (!pathname.startsWith('/api/')) return void this.page(pathname, request, response);
    const one: Received = { method: request.method!, path: pathname, headers: request.headers, at: performance.now() };
    this.received.push(one);
    response.on('close', () => {
      if (response.writableFinished) one.done = performance.now();
      else one.left = performance.now();
    });
    request.resume();
    const answers = this.script.get(pathname) ?? [failing(404)];
    (answers.length > 1 ? answers.shift()! : answers[0]!)(response);
  }

  private async page(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ending = path.extname(pathname);
    if (ending === '' && this.pages !== undefined) return this.pages(request, response);
    const names = ending === '' ? ['index.csr.html', 'index.html'] : [path.basename(pathname)];
    for (const name of names) {
      const file = await readFile(path.join(this.files, name)).catch(() => undefined);
      if (file === undefined) continue;
      const head = { 'Content-Type': types[path.extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': contentSecurityPolicy };
      return void response.writeHead(200, head).end(file);
    }
    response.writeHead(404).end();
  }
}
