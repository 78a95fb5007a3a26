import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { healthBoard } from '../../src/health/health-board.js';
import { shutdownOnSignal, type ShutdownOptions } from '../../src/node/index.js';
import { thrownBy } from '../thrown.js';
import { ask, listen, sleep, until } from './sockets.js';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

const root = path.resolve(import.meta.dirname, '../..');
let script: string;

/** `/work?ms` answers after that time, `/hang` never. */
const service = `
import { createServer } from 'node:http';
import fastify from 'fastify';
import { healthBoard } from './src/health/health-board.ts';
import { healthHandler, healthPlugin, shutdownOnSignal } from './src/node/index.ts';

const { framework, dispose, ...options } = JSON.parse(process.env.SERVICE!);
const board = healthBoard({});
const served = { stream: true, authorize: 'public' } as const;
const say = (what: unknown) => console.log(JSON.stringify(what));
const answer = (url: string, done: (text: string) => void): void => {
  const [path, ms] = url.split('?');
  if (path === '/work') setTimeout(() => done('worked'), Number(ms));
};
async function start(): Promise<void> {
  if (framework === 'Fastify') {
    const app = fastify({ forceCloseConnections: false });
    app.register(healthPlugin, { board, ...served });
    app.get('/*', (request) => new Promise((done) => answer(request.url, done)));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return run(app, (app.server.address() as any).port);
  }
  const health = healthHandler(board, served);
  const server = createServer((req, res) => health(req, res, () => answer(req.url!, (text) => res.end(text))));
  server.listen(0, '127.0.0.1', () => run(server, (server.address() as any).port));
  server.on('close', () => health.dispose());
}
function run(server: any, port: number): void {
  const shutdown = shutdownOnSignal(server, board, options);
  if (dispose) shutdown.dispose();
  shutdown.done.then(say);
  say({ port });
}
void start();
`;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: service, resolveDir: root, loader: 'ts' }, bundle: true, format: 'cjs', platform: 'node', external: ['fastify'], write: false,
    plugins: [{ name: 'ts', setup: (on) => void on.onResolve({ filter: /^\..*\.js$/ }, ({ path: file, resolveDir }) => ({ path: path.resolve(resolveDir, file.replace(/\.js$/, '.ts')) })) }],
  });
  script = outputFiles[0]!.text;
});

interface Running {
  readonly port: number;
  readonly child: ChildProcess;
  /** What it said, line by line. */
  readonly said: Record<string, unknown>[];
  /** Code and signal, and the milliseconds that it took after `from`. */
  ended(): Promise<{ code: number | null; by: string | null }>;
}

async function start(framework: string, options: ShutdownOptions & { dispose?: boolean }): Promise<Running> {
  const env = { ...process.env, SERVICE: JSON.stringify({ framework, ...options }) };
  const child = spawn(process.execPath, ['-'], { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'close');
  let text = '';
  const said: Record<string, unknown>[] = [];
  child.stdout.on('data', (piece: Buffer) => {
    const lines = (text + piece.toString()).split('\n');
    text = lines.pop()!;
    for (const line of lines) said.push(JSON.parse(line) as Record<string, unknown>);
  });
  child.stdin.end(script);
  await until(() => said.length > 0);
  return { port: said[0]!['port'] as number, child, said, ended: async () => { const [code, by] = await exit; return { code, by }; } };
}

describe.each(['node:http', 'Fastify'])('shutdownOnSignal with %s', (framework) => {
  it('turns readiness down, waits, lets what runs end, and closes', async () => {
    const { port, child, said, ended } = await start(framework, { wait: 1_000, limit: 20_000 });
    const stream = await listen(port);
    expect((await ask(port, '/health/ready')).status).toBe(200);
    const long = ask(port, '/work?2000');
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const kept = (): Promise<string> => new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/work?0', agent }, (res) => void res.resume().on('end', () => resolve(`${res.statusCode}`))).on('error', reject).end();
    });
    expect(await kept()).toBe('200');
    child.kill('SIGTERM');
    await until(async () => (await ask(port, '/health/ready')).status === 503);
    // It is still there for those who have not heard of it.
    expect((await ask(port, '/health/live')).status).toBe(200);
    expect((await ask(port, '/work?0')).body).toBe('worked');
    await sleep(1_200);
    await expect(ask(port, '/health/live')).rejects.toThrow('ECONNREFUSED');
    expect((await long).body).toBe('worked');
    expect(await ended()).toStrictEqual({ code: 0, by: null });
    expect(said[1]).toStrictEqual({ signal: 'SIGTERM', forced: false });
    expect(stream.ended()).toBe(true);
  });

  it('sends away a client that keeps asking on one connection', async () => {
    const { port, child, said, ended } = await start(framework, { wait: 100, limit: 10_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    let closed = false;
    const again = (): void => {
      request({ host: '127.0.0.1', port, path: '/work?20', agent }, (res) => void res.resume().on('end', again)).on('error', () => (closed = true)).end();
    };
    again();
    await sleep(100);
    child.kill('SIGTERM');
    expect(await ended()).toStrictEqual({ code: 0, by: null });
    expect(said[1]).toStrictEqual({ signal: 'SIGTERM', forced: false });
    await until(() => closed);
  });

  it('cuts what is left when its time is over', async () => {
    const { port, child, said, ended } = await start(framework, { wait: 50, limit: 600 });
    const hanging = ask(port, '/hang');
    await sleep(50);
    const from = performance.now();
    child.kill('SIGTERM');
    await expect(hanging).rejects.toThrow(/hang up|ECONNRESET/);
    expect(performance.now() - from).toBeGreaterThanOrEqual(550);
    expect(await ended()).toStrictEqual({ code: 0, by: null });
    expect(said[1]).toStrictEqual({ signal: 'SIGTERM', forced: true });
  });

  it('cuts everything at once at a second signal', async () => {
    const { port, child, said, ended } = await start(framework, { wait: 20_000, limit: 30_000, signals: ['SIGTERM', 'SIGINT'] });
    const hanging = ask(port, '/hang');
    await sleep(50);
    child.kill('SIGTERM');
    await until(async () => (await ask(port, '/health/ready')).status === 503);
    child.kill('SIGINT');
    await expect(hanging).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await ended()).toStrictEqual({ code: 0, by: null });
    expect(said[1]).toStrictEqual({ signal: 'SIGTERM', forced: true });
  });

  it('leaves the signal to the process once it is disposed', async () => {
    const { child, ended } = await start(framework, { dispose: true });
    child.kill('SIGTERM');
    expect(await ended()).toStrictEqual({ code: null, by: 'SIGTERM' });
  });
});

describe('the options of shutdownOnSignal', () => {
  const board = healthBoard({});
  it.each<object>([
    { wait: -1 }, { wait: NaN }, { wait: '5' }, { wait: 10, limit: 9 }, { limit: Infinity }, { signals: 'SIGTERM' }, { signals: [''] }, { scheduler: {} }, { waits: 1 },
  ])('%o is refused', (options) => {
    const before = process.listenerCount('SIGTERM');
    expect(String(thrownBy(() => shutdownOnSignal(createServer(), board, options)))).toMatch(/^(TypeError|RangeError): shutdownOnSignal(: (wait|limit|signals|scheduler)| has no option 'waits'; did you mean 'wait'\?)/);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('are checked with what they are about', () => {
    expect(thrownBy(() => shutdownOnSignal({} as never, board))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => shutdownOnSignal(createServer(), {} as never))).toBeInstanceOf(TypeError);
  });

  it('listen for SIGTERM by default, until disposed', () => {
    const before = process.listenerCount('SIGTERM');
    const shutdown = shutdownOnSignal(createServer(), board);
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    shutdown.dispose();
    shutdown.dispose();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
