import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const looks: readonly (readonly [string, string])[] = [
  ['board.read of each kind', "for (const kind of ['live', 'startup', 'ready', 'deep']) board.read(kind).subscribe(said)"],
  ['board.read of what never answers, left at once', "silent.read('deep').subscribe().unsubscribe(), silent.read('ready').subscribe().unsubscribe()"],
  ['each stream of a board', "for (const kind of ['live$', 'startup$', 'ready$', 'deep$']) board[kind].subscribe(said).unsubscribe()"],
  ['a check, a heartbeat and a warm-up', "for (const one of [check, beat.health$, warm]) one.subscribe(said).unsubscribe()"],
  ['a combined health', "combineHealth({ check, breaker, beat }, { name: 'all' }).subscribe(said).unsubscribe()"],
  ['policies that were used', 'use(), said()'],
  ['streams of policies that were used', 'use(), policies.forEach((one) => [one.health$, one.events$, one.state$].forEach((s) => s?.subscribe(said).unsubscribe()))'],
  ['a registry', 'use(), [registry.health$, registry.events$, registry.policies$, registry.transitions$].forEach((s) => s.subscribe(said).unsubscribe())'],
  ['perKey', "run(of(1).pipe(keyed('a'))), keyed.health$.subscribe(said).unsubscribe(), keyed.events$.subscribe(said).unsubscribe()"],
];

const script = (work: string): string => `
  import { of, NEVER, throwError } from 'rxjs';
  import { bulkhead, circuitBreaker, combineHealth, healthBoard, healthCheck, heartbeat, loadShed, perKey, policyRegistry,
    resiliencePipeline, retryWithBackoff, warmup, withDeadline } from './src/index.ts';
  const said = () => undefined;
  const run = (source) => source.subscribe({ error: said });
  const check = healthCheck('db', () => true);
  const beat = heartbeat('loop', { within: 60_000 });
  const warm = warmup('cache', of(1));
  const breaker = circuitBreaker({ name: 'b', failureThreshold: 1, breakDuration: 60_000 });
  const policies = [breaker, bulkhead(1), retryWithBackoff({ maxRetries: 1, backoff: () => 0 }), withDeadline(60_000), loadShed('critical'),
    resiliencePipeline({ name: 'p', deadline: 60_000, attemptDeadline: 30_000, retry: { backoff: () => 0 }, breaker: {}, bulkhead: { maxConcurrent: 1, queue: 1 } })];
  const use = () => { for (const one of policies) { run(of(1).pipe(one)); run(throwError(() => 1).pipe(one)); const call = run(NEVER.pipe(one)); call.unsubscribe(); } };
  const registry = policyRegistry();
  for (const one of policies) registry.register(one);
  const keyed = perKey((name) => resiliencePipeline({ name, breaker: {}, attemptDeadline: 60_000 }));
  const board = healthBoard({ startup: { warm }, ready: { check, breaker }, live: { beat }, deep: { check, registry, keyed } }, { deepEvery: 60_000 });
  const silent = healthBoard({ ready: { one: NEVER }, deep: { check } }, { readWithin: 10 });
  ${work};
  const began = process.hrtime.bigint();
  process.on('exit', () => console.log(Number(process.hrtime.bigint() - began) / 1e6));
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'looks-'));
  const cases = looks.map(([, work], at) => `if (process.argv[2] === '${at}') { ${work}; }`).join('\n');
  const stdin = { contents: script(cases), resolveDir: root };
  await build({ stdin, outfile: path.join(folder, 'looks.mjs'), bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rm(folder, { recursive: true }));

it.each(looks.map(([title], at) => [title, at] as const))('a process ends when nothing but this was done: %s', async (_, at) => {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(folder, 'looks.mjs'), String(at)], { timeout: 30_000 });
  expect(Number(stdout)).toBeLessThan(1_000);
}, 40_000);
