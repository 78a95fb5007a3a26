import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Registry } from 'prom-client';

export interface Answer {
  readonly status: string;
  readonly data: unknown;
  readonly warnings?: unknown;
  readonly infos?: unknown;
  readonly error?: string;
}

/** A real Prometheus that scrapes a register over a socket every second. */
export interface Prometheus {
  get(endpoint: string, parameters?: Readonly<Record<string, string>>): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startPrometheus(program: string, register: Registry, rules: string): Promise<Prometheus> {
  const scraped = createServer((_, response) => {
    void register.metrics().then((text) => response.setHeader('content-type', register.contentType).end(text));
  });
  const target = await listen(scraped);
  const reserved = createServer();
  const port = await listen(reserved);
  await close(reserved);

  const folder = await mkdtemp(path.join(tmpdir(), 'prometheus-'));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
  };
  // JSON is YAML as well.
  await writeFile(path.join(folder, 'prometheus.yaml'), JSON.stringify(config));
  const flags = ['config.file=prometheus.yaml', 'storage.tsdb.path=data', `web.listen-address=127.0.0.1:${port}`, 'log.level=warn'];
  const child = spawn(program, flags.map((flag) => `--${flag}`), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));

  const address = `http://127.0.0.1:${port}`;
  const isReady = (): Promise<boolean> => fetch(`${address}/-/ready`).then((response) => response.ok).catch(() => false);
  for (let tries = 0; !(await isReady()); tries++) {
    if (tries > 300 || child.exitCode !== null) throw new Error(`prometheus does not start: ${log}`);
    await wait(100);
  }
  return {
    get: async (endpoint, parameters = {}) =>
      (await (await fetch(`${address}/api/v1/${endpoint}?${new URLSearchParams(parameters)}`)).json()) as Answer,
    stop: async () => {
      child.kill();
      await exited;
      await close(scraped);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
