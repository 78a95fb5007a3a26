import http from 'node:http';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Observable } from 'rxjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';

/** A server in a thread of its own: it answers after 100 ms, also while our event loop stands still. */
const server = `
const http = require('node:http');
const { parentPort } = require('node:worker_threads');
http.createServer((request, response) => setTimeout(() => response.end('answer'), 100))
  .listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });
`;

let worker: Worker;
let port: number;
const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });

beforeAll(async () => {
  worker = new Worker(server, { eval: true });
  [port] = (await once(worker, 'message')) as [number];
});
afterAll(async () => {
  agent.destroy();
  await worker.terminate();
});

const get = new Observable<string>((subscriber) => {
  const request = http.get({ host: '127.0.0.1', port, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (piece: string) => (text += piece));
    response.on('end', () => {
      subscriber.next(text);
      subscriber.complete();
    });
  });
  request.on('error', (error) => subscriber.error(error));
  return () => void request.destroy();
});

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('loses no answer that is on the wire when the event loop has stood still for a second', async () => {
  const breaker = circuitBreaker({ failureThreshold: 1 });
  const deadline = withDeadline(400);
  const outcomes: string[] = [];
  const all = new Promise<void>((resolve) => {
    const note = (outcome: string): void => {
      if (outcomes.push(outcome) === 100) resolve();
    };
    for (let i = 0; i < 100; i++) {
      get.pipe(deadline, breaker).subscribe({ next: note, error: (error: unknown) => note(String(error)) });
    }
  });
  // From the check phase, so that the deadlines are looked at before the sockets are read.
  setTimeout(() => setImmediate(() => block(1_000)), 50);
  await all;
  expect(outcomes.filter((outcome) => outcome !== 'answer')).toStrictEqual([]);
  expect(breaker.state).toBe('closed');
  expect(deadline.metrics()).toMatchObject({ calls: 100, expired: 0 });
});
