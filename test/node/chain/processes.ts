import { spawn } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { until } from '../sockets.js';
import type { ServiceConfig } from './service.js';

const root = path.resolve(import.meta.dirname, '../../..');

export interface Said {
  readonly event: 'listening' | 'started' | 'stopped' | 'finished';
  readonly port?: number;
  readonly left?: number;
  readonly priority?: string;
  readonly status?: number;
  readonly by?: string;
  readonly sent?: Record<string, string>;
}

export interface Service {
  readonly port: number;
  /** Since it listens. */
  readonly said: Said[];
  events(): string[];
}

export async function serviceScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'service.ts')],
    bundle: true, format: 'cjs', platform: 'node', external: ['express', 'fastify'], write: false,
  });
  return outputFiles[0]!.text;
}

/** One service of the chain, in a process whose clock is wrong by so many milliseconds. */
export async function start(script: string, config: ServiceConfig): Promise<Service> {
  const env = { ...process.env, SERVICE: JSON.stringify(config) };
  const child = spawn(process.execPath, ['-'], { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  const lines: Said[] = [];
  child.stdout.on('data', (piece: Buffer) => {
    const parts = (text + piece.toString()).split('\n');
    text = parts.pop()!;
    for (const line of parts) lines.push(JSON.parse(line) as Said);
  });
  child.stdin.end(`{ const { now } = Date; Date.now = () => now() + (${config.clock}); }\n${script}`);
  await until(() => lines.length > 0, 30_000);
  const said = lines;
  const { port } = said.shift()!;
  return { port: port!, said, events: () => said.map(({ event, by }) => (by === undefined ? event : `${event} by ${by}`)) };
}
