import { VirtualTimeScheduler } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { shutdownOnSignal } from '../../src/node/index.js';

/** A server that says what is done to it, and closes when it is told to. */
function setUp(close: (log: string[], done: () => void) => unknown, more: object = {}) {
  const scheduler = new VirtualTimeScheduler();
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${scheduler.frame} ${what}`);
  let closed = (): void => undefined;
  const server = {
    close: (done: () => void) => (note('close'), (closed = done), close(log, done)),
    closeIdleConnections: () => undefined,
    closeAllConnections: () => note('cut'),
    ...more,
  };
  const board = { drain: (reason?: string) => note(`drain ${reason}`) };
  const shutdown = shutdownOnSignal(server as never, board, { wait: 500, limit: 2_000, signals: ['SIGUSR2'], scheduler });
  onTestFinished(() => shutdown.dispose());
  void shutdown.done.then(({ signal, forced }) => note(`done ${signal} ${forced}`));
  return {
    log, shutdown, closes: () => closed(),
    signal: () => void process.emit('SIGUSR2'),
    advance: (to: number) => ((scheduler.maxFrames = to), scheduler.flush(), (scheduler.frame = to)),
    /** What is left to be done. */
    timers: () => scheduler.actions.filter((action) => !action.closed).length,
    settled: () => new Promise((next) => setImmediate(next)),
  };
}

it('drains, waits, closes, and is done when the server is', async () => {
  const { log, signal, advance, closes, timers, settled } = setUp(() => undefined);
  signal();
  expect(log).toStrictEqual(['0 drain SIGUSR2']);
  advance(499);
  expect(log.length).toBe(1);
  advance(500);
  expect(log).toStrictEqual(['0 drain SIGUSR2', '500 close']);
  advance(900);
  closes();
  await settled();
  expect(log.slice(2)).toStrictEqual(['900 done SIGUSR2 false']);
  expect([timers(), process.listenerCount('SIGUSR2')]).toStrictEqual([0, 0]);
});

it('cuts at the limit, and not before', async () => {
  const { log, signal, advance, closes, settled } = setUp(() => undefined);
  signal();
  advance(1_999);
  expect(log).not.toContainEqual(expect.stringContaining('cut'));
  advance(2_000);
  expect(log.at(-1)).toBe('2000 cut');
  closes();
  await settled();
  expect(log.at(-1)).toBe('2000 done SIGUSR2 true');
});

it('cuts at a second signal, closes only once, and cuts again what came in meanwhile', async () => {
  const { log, signal, advance, closes, settled } = setUp(() => undefined);
  signal();
  advance(100);
  signal();
  expect(log).toStrictEqual(['0 drain SIGUSR2', '100 close', '100 cut', '100 cut']);
  advance(200);
  signal();
  expect(log.filter((line) => line.endsWith('close'))).toStrictEqual(['100 close']);
  closes();
  await settled();
  expect(log.at(-1)).toBe('200 done SIGUSR2 true');
});

it.each<[string, (log: string[], done: () => void) => unknown]>([
  ['calls back', (_log, done) => done()],
  ['calls back and promises', (_log, done) => (done(), Promise.resolve())],
  ['promises', () => Promise.resolve()],
  ['rejects', () => Promise.reject(new Error('x'))],
  ['throws', () => { throw new Error('not running'); }],
])('is done once with a server that %s', async (_title, close) => {
  const { log, signal, advance, timers, settled } = setUp(close);
  signal();
  advance(500);
  await settled();
  expect(log).toStrictEqual(['0 drain SIGUSR2', '500 close', '500 done SIGUSR2 false']);
  expect(timers()).toBe(0);
});

it('does not wait for ever for what can only close', async () => {
  const { log, signal, advance, timers, settled } = setUp(() => undefined, { closeIdleConnections: undefined, closeAllConnections: undefined });
  signal();
  advance(2_000);
  await settled();
  expect(log).toStrictEqual(['0 drain SIGUSR2', '500 close', '2000 done SIGUSR2 true']);
  expect(timers()).toBe(0);
});

it('goes on once it has begun, though nobody listens for signals any more', async () => {
  const { log, signal, advance, shutdown } = setUp(() => undefined);
  signal();
  shutdown.dispose();
  advance(500);
  expect(log).toStrictEqual(['0 drain SIGUSR2', '500 close']);
});
