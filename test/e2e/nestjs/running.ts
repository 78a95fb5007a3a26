import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { folder } from './build.ts';

export interface Running {
  readonly url: string;
  /** What the application has logged since it was last asked. */
  log(): Promise<string[]>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Starts the application in a process of its own, and waits until it listens. */
export async function run(platform: string): Promise<Running> {
  const env = { ...process.env, TCP_PORT: String(await freePort()), NO_COLOR: '1' };
  const child = spawn(process.execPath, ['dist/main.js', platform], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await address(child);
  return {
    url,
    log: async () => (await (await fetch(`${url}/log`)).json()) as string[],
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

function address(child: ChildProcess): Promise<string> {
  let errors = '';
  child.stderr!.on('data', (chunk: Buffer) => (errors += String(chunk)));
  return new Promise((resolve, reject) => {
    createInterface(child.stdout!).on('line', (line) => {
      if (line.startsWith('listening ')) resolve(line.slice('listening '.length));
      if (line.startsWith('refused ')) reject(new Error(line));
    });
    child.once('close', (code) => reject(new Error(`The application ended with ${code}: ${errors}`)));
  });
}
