import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export { sleep };

export interface Served {
  readonly server: Server;
  readonly port: number;
}

/** A server on a free port of this machine, gone with the test. */
export async function serve(listener: RequestListener, port = 0): Promise<Served> {
  const server = createServer(listener);
  onTestFinished(() => stop(server));
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return { server, port: (server.address() as AddressInfo).port };
}

export async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((closed) => server.close(() => closed()));
}

export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** One request on a connection of its own; `path` goes out as it is. */
export function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}

// What an answer should be is what the tests say of it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

export const askJson = async (port: number, path: string, what?: Ask): Promise<Json> => JSON.parse((await ask(port, path, what)).body);

export interface Message {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Json;
}

export interface Listening {
  readonly res: IncomingMessage;
  readonly messages: Message[];
  readonly ended: () => boolean;
  close(): void;
}

/** A client of server-sent events. */
export function listen(port: number, path = '/health/stream', headers: Record<string, string> = {}): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }, (res) => {
      const messages: Message[] = [];
      let rest = '';
      let ended = false;
      res.setEncoding('utf8').on('data', (chunk: string) => {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop()!;
        for (const block of blocks) if (/^data: /m.test(block)) messages.push(parse(block));
      });
      res.on('error', () => undefined).on('close', () => (ended = true));
      onTestFinished(() => void sent.destroy());
      resolve({ res, messages, ended: () => ended, close: () => void sent.destroy() });
    });
    sent.on('error', reject).end();
  });
}

function parse(block: string): Message {
  const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
  return { event: fields['event']!, id: fields['id'], data: JSON.parse(fields['data']!) };
}

/** Waits until it holds; fails with its last answer where it does not. */
export async function until(holds: () => unknown, within = 8_000): Promise<void> {
  for (const end = performance.now() + within; ; await sleep(10)) {
    if (await holds()) return;
    if (performance.now() > end) throw new Error(`not within ${within} ms: ${holds.toString()}`);
  }
}
