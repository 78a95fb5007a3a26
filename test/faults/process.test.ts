import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';

const src = path.resolve(import.meta.dirname, '../../src/index.ts');
let library: string;

beforeAll(async () => {
  const { outputFiles } = await build({ entryPoints: [src], bundle: true, format: 'cjs', platform: 'node', write: false });
  library = outputFiles[0]?.text ?? '';
});

/** Milliseconds that a process of its own lives on after the script has run. */
async function lives(script: string): Promise<number> {
  const code = `${library}\nconst lib = module.exports;\nconst { of, NEVER, throwError, firstValueFrom } = require('rxjs');
${script}\nconst end = performance.now();\nprocess.on('exit', () => console.log(performance.now() - end));`;
  const child = spawn(process.execPath, ['-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  child.stdin.end(code);
  const [exit] = (await once(child, 'close')) as [number];
  expect(exit).toBe(0);
  return Number(text);
}

it.each<[string, string]>([
  ['a deadline whose call has ended', 'of(1).pipe(lib.withDeadline(1_000)).subscribe();'],
  ['a deadline whose consumer left', 'NEVER.pipe(lib.withDeadline(1_000)).subscribe().unsubscribe();'],
  ['an open breaker that is no longer observed', `
    const breaker = lib.circuitBreaker({ failureThreshold: 1, breakDuration: 1_000 });
    const seen = [breaker.state$.subscribe(), breaker.health$.subscribe()];
    throwError(() => new Error('down')).pipe(breaker).subscribe({ error: () => undefined });
    for (const one of seen) one.unsubscribe();`],
  ['an open breaker that is disposed of', `
    const breaker = lib.circuitBreaker({ failureThreshold: 1, breakDuration: 1_000 });
    breaker.state$.subscribe();
    throwError(() => new Error('down')).pipe(breaker).subscribe({ error: () => undefined });
    breaker.dispose();`],
  ['a retry whose consumer left', `
    throwError(() => new Error('down')).pipe(lib.retryWithBackoff(lib.constant(1_000))).subscribe().unsubscribe();`],
  ['a queue that its waiters left', `
    const pool = lib.bulkhead(1, { size: 2, timeout: 1_000 });
    for (const one of [1, 2].map(() => NEVER.pipe(pool).subscribe())) one.unsubscribe();`],
])('%s keeps no process alive', async (_title, script) => {
  expect(await lives(script)).toBeLessThan(500);
});

it('a deadline that runs does keep it alive', async () => {
  expect(await lives('NEVER.pipe(lib.withDeadline(800)).subscribe({ error: () => undefined });')).toBeGreaterThan(500);
});
