import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Which connection it came on, from 1. */
  readonly socket: number;
}

export interface Web {
  readonly origin: string;
  /** In the order in which they had come as a whole. */
  readonly arrived: Arrived[];
  /** Connections made so far, and those that are open. */
  readonly connections: () => number;
  readonly open: () => number;
}

export type Answer = (request: Arrived, response: ServerResponse, count: number) => unknown;

/** A web server on a free port of this machine, gone with the test. */
export async function web(answer: Answer): Promise<Web> {
  const arrived: Arrived[] = [];
  const sockets = new Map<Socket, number>();
  let open = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const { headers, method = '', socket, url = '' } = request;
      const seen = { method, path: url, headers, body, socket: sockets.get(socket)! };
      arrived.push(seen);
      answer(seen, response, arrived.length);
    });
  });
  server.on('connection', (socket) => {
    sockets.set(socket, sockets.size + 1);
    open++;
    socket.on('close', () => open--);
  });
  const origin = await listening(server);
  return { origin, arrived, connections: () => sockets.size, open: () => open };
}

/** A server that writes what it likes, HTTP or not, to whoever connects, once something has come. */
export async function raw(answer: (socket: Socket, count: number) => unknown): Promise<{ readonly origin: string; readonly count: () => number }> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket, ++count));
  });
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  return { origin: await listening(server), count: () => count };
}

async function listening(server: Server | ReturnType<typeof createSocketServer>): Promise<string> {
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    return new Promise<void>((closed) => server.close(() => closed()));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Until it is so; what it waits for is an event of a socket. */
export async function until(holds: () => boolean, within = 5_000): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > within) throw new Error('it did not become so');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
