import { describe, expect, it } from 'vitest';
import {
  absoluteDeadline, circuitBreaker, classify, decodePriority, envoyTimeout, grpcTimeout, healthBoard, policyRegistry, requestTimeout,
} from '../../src/index.js';
import { parseHttpDate } from '../../src/core/http-date.js';
import { retryAfterOf } from '../../src/core/retry-after.js';
import { isAllowedHost, isSameOrigin } from '../../src/node/allowed.js';
import { formOf } from '../../src/node/controls.js';
import { decodeName, targetOf } from '../../src/node/http-request.js';
import { deadlineMiddleware, healthHandler } from '../../src/node/index.js';
import { TransitionFeed } from '../../src/node/transition-feed.js';
import { ask, serve } from './sockets.js';

const clock = { now: () => 0 };
const feed = new TransitionFeed('x', []);
const reads: Record<string, (text: string) => unknown> = {
  requestTimeout: (text) => requestTimeout.decode(text, 0),
  envoyTimeout: (text) => envoyTimeout.decode(text, 0),
  grpcTimeout: (text) => grpcTimeout.decode(text, 0),
  absoluteDeadline: (text) => absoluteDeadline().decode(text, 0),
  decodePriority,
  'Retry-After': (text) => retryAfterOf({ headers: { 'retry-after': text, date: text } }, clock),
  'dates of HTTP': (text) => parseHttpDate(text, 0),
  'texts of errors': (text) => classify(Object.assign(new TypeError(text), { code: text })),
  'Last-Event-ID': (text) => feed.cursorOf(text),
  'paths': (text) => [targetOf(text, '/health'), targetOf(`/health/${text}`, '/health'), targetOf(`http://${text}`, '/health')],
  'names of policies': decodeName,
  Host: (text) => isAllowedHost({ headers: { host: text } } as never, ['ops.example']),
  Origin: (text) => isSameOrigin({ headers: { origin: `https://${text}`, host: text }, socket: {} } as never),
  'content types': (text) => formOf({ headers: { 'content-type': `application/json${text}`, 'x-requested-with': text } } as never),
};

/** As a stranger may send it: much of one thing, behind what looks right, and before what does not. */
const parts = [
  ...[' ', '\t', ' \t', '1', '9', '0', 'a', '-', ':', ':1', '/', '//', '%', '%20', '%E0', ',', ', ', ';', ';a', '; ', 'u=1,', 'u=1, ', 'i,', 'i;', '"', '\\', '"\\"'],
  ...['(', '( ', '1 ', '=', '.', '1.', '*', '?', '@', 'Mon, ', '06 ', 'GMT', 'application/json ', 'é', '\u00a0', '\ud800', '\n', 'E', 'UND_ERR_', 'fetch failed '],
];
const before = ['', '1', 'u=1', 'a="', 'a=(', 'a=(1', 'Sun, 06 ', '/health/', 'x-'];
const behind = ['', 'x'];
const length = 32_000;

describe.each(Object.entries(reads))('%s', (_what, read) => {
  it('is read in no time, whatever a stranger sends', () => {
    let slowest = { took: 0, text: '' };
    for (const part of parts) {
      for (const first of before) {
        for (const last of behind) {
          const text = `${first}${part.repeat(length / part.length)}${last}`;
          let took = Infinity;
          // A machine that is busy is not so each time.
          for (let i = 0; i < 5 && took > 50; i++) {
            const from = performance.now();
            read(text);
            took = Math.min(took, performance.now() - from);
          }
          if (took > slowest.took) slowest = { took, text: `${first}${part}…${last}` };
        }
      }
    }
    expect(slowest).toSatisfy(({ took }: typeof slowest) => took < 100, JSON.stringify(slowest));
  });
});

it('no header of a request holds up a server', async () => {
  const registry = policyRegistry();
  const breaker = registry.register(circuitBreaker());
  const health = healthHandler(healthBoard({ ready: { breaker } }), { registry, policies: true, stream: true, control: true, allowedHosts: ['x'], authorize: 'public' });
  const deadline = deadlineMiddleware({ trustPriority: () => true, accept: [requestTimeout, grpcTimeout, envoyTimeout, absoluteDeadline()] });
  let took = 0;
  const { port } = await serve((req, res) => {
    const from = performance.now();
    deadline(req, res, () => health(req, res));
    took = performance.now() - from;
  });
  await ask(port, '/health/ready');
  for (const name of ['x-request-timeout-ms', 'grpc-timeout', 'x-envoy-expected-rq-timeout-ms', 'x-deadline', 'priority', 'last-event-id', 'origin', 'content-type']) {
    for (const part of [' ', '1', ', ', ';']) {
      let least = Infinity;
      for (let i = 0; i < 5 && least > 20; i++) {
        await ask(port, '/health/policies/x/isolate', { method: 'POST', headers: { [name]: `1${part.repeat(15_000 / part.length)}1` } });
        least = Math.min(least, took);
      }
      expect(least).toBeLessThan(50);
    }
  }
});
