import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { firstValueFrom, lastValueFrom, type Observable, take, toArray } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { liveStream } from './live-stream.js';
import { serverSentEvents } from './server-sent-events.js';
import { webSocketMessages } from './web-socket.js';

type Serve = (req: IncomingMessage, res: ServerResponse) => void;

let server: Server;
let url: string;

beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  if (server.listening) await once(server, 'close');
});

const all = <T>(stream$: Observable<T>, count: number) => lastValueFrom(stream$.pipe(take(count), toArray()));
const events = { 'content-type': 'text/event-stream' };

it('goes on with server-sent events where it was, whatever the server does in between', async () => {
  const asked: unknown[] = [];
  const turns: Serve[] = [
    (_req, res) => void res.writeHead(200, events).end(': beat\n\nid: 1\ndata: {"n":1}\n\nid: 2\r\ndata: {"n":\r\ndata: 2}\r\n\r\ndata: {"n":9'),
    (_req, res) => void res.writeHead(503, { 'retry-after': '0' }).end('<html>'),
    (req) => void req.socket.destroy(),
    (_req, res) => {
      // In pieces, one of them in the middle of a letter, and then the connection breaks.
      const bytes = Buffer.from('id: 3\ndata: {"n":3,"name":"é"}\n\n');
      res.writeHead(200, events).write(bytes.subarray(0, bytes.indexOf(0xa9)));
      setImmediate(() => res.write(bytes.subarray(bytes.indexOf(0xa9)), () => res.destroy()));
    },
    (_req, res) => void res.writeHead(200, events).write('id: bad \u00e9\ndata: not json\n\ndata: {"n":4}\n\n'),
  ];
  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    asked.push(req.headers['last-event-id']);
    turns.shift()!(req, res);
  });

  const { data$ } = liveStream('feed', serverSentEvents(url));
  expect(await all(data$, 4)).toStrictEqual([{ n: 1 }, { n: 2 }, { n: 3, name: 'é' }, { n: 4 }]);
  expect(asked).toStrictEqual([undefined, '2', '2', '2', '3']);
}, 30_000);

it('closes the connection when the last listener leaves', async () => {
  const left = new Promise((resolve) => {
    server.on('request', (req, res) => {
      res.writeHead(200, events).write('data: 1\n\n');
      req.socket.on('close', resolve);
    });
  });
  expect(await firstValueFrom(liveStream('feed', serverSentEvents(url)).data$)).toBe(1);
  await left;
}, 30_000);

it('does not read a message that never ends', async () => {
  let connections = 0;
  server.on('request', (_req, res: ServerResponse) => {
    if (++connections > 1) return void res.writeHead(200, events).write('data: "short"\n\n');
    res.writeHead(200, events);
    const more = (): unknown => res.write('data: '.padEnd(64_000, 'x'), (error) => error ?? more());
    more();
  });
  expect(await firstValueFrom(liveStream('feed', serverSentEvents(url)).data$)).toBe('short');
}, 30_000);

it('goes on with a WebSocket where it was, and closes it', async () => {
  const asked: unknown[] = [];
  const turns: ((send: (text: string) => void, socket: Duplex) => void)[] = [
    (send, socket) => {
      for (const text of ['{}', '{"id":"1","data":"one"}', 'not json', 'null', '{"id":2,"data":"two"}']) send(text);
      socket.end();
    },
    (send) => send('{"id":"3","data":"three"}'),
  ];
  const closed = new Promise((resolve) => {
    server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
      asked.push(new URL(req.url!, url).searchParams.get('after'));
      // Once it has gone to the last turn it has to leave by itself.
      const send = accept(req, socket, () => asked.length === 2 && resolve(undefined));
      turns.shift()!(send, socket);
    });
  });
  const { data$ } = liveStream('feed', webSocketMessages(url.replace('http', 'ws')));
  expect(await all(data$, 3)).toStrictEqual(['one', 'two', 'three']);
  await closed;
  expect(asked).toStrictEqual([null, '1']);
}, 30_000);

/** The server's side of a WebSocket, as far as short texts and a close go (RFC 6455). */
function accept(req: IncomingMessage, socket: Duplex, closed: () => void): (text: string) => void {
  const key = `${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const hash = createHash('sha1').update(key).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${hash}\r\n\r\n`);
  socket.on('error', () => undefined);
  socket.on('data', (frame: Buffer) => {
    if ((frame[0]! & 0x0f) !== 8) return;
    closed();
    socket.end(Buffer.from([0x88, 0]));
  });
  return (text) => void socket.write(Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]));
}
