import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

export interface StartedDemo {
  readonly ended: Promise<number | null>;
  /** Resolves with what it has said when that matches. */
  said(pattern: RegExp): Promise<RegExpMatchArray>;
  interrupt(): boolean;
  output(): string;
}

/**
 * What starts a demo, within a `describe`. The demo uses the package as its users do; here it is the source that is
 * tested.
 */
export function demoProgram(entry: string): (...args: readonly string[]) => StartedDemo {
  let folder: string;
  let demo: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'demo-'));
    demo = path.join(folder, 'demo.mjs');
    await build({
      ...{ entryPoints: [path.join(root, entry)], outfile: demo, bundle: true, platform: 'node', format: 'esm', target: 'node20' },
      // Express is CommonJS, and asks for what Node has by itself.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      alias: {
        'rxjs-resilience/node': path.join(root, 'src/node/index.ts'),
        'rxjs-resilience/testing': path.join(root, 'src/testing/index.ts'),
        'rxjs-resilience': path.join(root, 'src/index.ts'),
      },
    });
  }, 30_000);
  afterAll(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  return (...args) => {
    const started = spawn(process.execPath, [demo, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let output = '';
    let heard = (): void => undefined;
    const listen = (chunk: Buffer): void => {
      output += chunk.toString();
      heard();
    };
    started.stdout.on('data', listen);
    started.stderr.on('data', listen);
    // Not `exit`: then there may still be something that it has said.
    const ended = new Promise<number | null>((resolve) => started.on('close', (code) => resolve(code)));
    const said = (pattern: RegExp): Promise<RegExpMatchArray> =>
      new Promise((resolve, reject) => {
        heard = () => {
          const match = output.match(pattern);
          if (match !== null) resolve(match);
        };
        heard();
        void ended.then(() => reject(new Error(output)));
      });
    return { ended, said, interrupt: () => started.kill('SIGINT'), output: () => output };
  };
}
