import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { web } from './servers.js';

/** What workers on the edge have: no `process`, no `Buffer`, no module of Node. */
const names = [
  ...['fetch', 'Request', 'Response', 'Headers', 'URL', 'URLSearchParams', 'FormData', 'Blob', 'ReadableStream', 'AbortController'],
  ...['AbortSignal', 'DOMException', 'TextEncoder', 'TextDecoder', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'queueMicrotask'],
];

let bundle = '';
let imports: string[] = [];

beforeAll(async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: "export * from './src/fetch/index.ts'; export { constant, resiliencePipeline } from './src/index.ts';", resolveDir: process.cwd() },
    bundle: true,
    format: 'iife',
    globalName: 'entry',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['worker'],
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  bundle = outputFiles[0]!.text;
  imports = Object.keys(metafile.inputs);
});

function runtime(without: readonly string[] = []): (script: string) => unknown {
  const globals = names.filter((name) => !without.includes(name)).map((name) => [name, (globalThis as never)[name]]);
  const context = createContext(Object.fromEntries(globals));
  new Script(bundle).runInContext(context);
  return (script) => new Script(script).runInContext(context);
}

describe('in a runtime that has nothing but the web', () => {
  it('the entry asks for no module of Node', () => {
    expect(imports.filter((file) => file.includes('node:'))).toStrictEqual([]);
    expect(bundle).not.toMatch(/require\(["']/);
    expect(runtime()('typeof process + typeof Buffer + typeof require')).toBe('undefinedundefinedundefined');
  });

  it('requests are made, tried again and followed, and bodies read', async () => {
    const { origin, arrived } = await web(({ path, body }, response, count) => {
      if (path === '/from') response.writeHead(302, { location: '/to' }).end();
      else response.writeHead(count === 1 ? 503 : 200).end(`${path} ${body}`);
    });
    const run = runtime();
    const made = `
      const fetch = entry.resilientFetch({
        until: 'body',
        propagateTo: ['${origin}'],
        pipeline: (name) => entry.resiliencePipeline({ name, deadline: 5000, retry: { backoff: entry.constant(1) } }),
      });
      (async () => {
        const first = await (await fetch('${origin}/a', { method: 'PUT', body: 'x' })).text();
        const second = await (await fetch('${origin}/from')).text();
        const third = await new Promise((next, error) => entry.fetch$('${origin}/b').subscribe({ next, error }));
        return [first, second, await third.text()];
      })()`;
    expect([...((await run(made)) as string[])]).toStrictEqual(['/a x', '/to ', '/b ']);
    expect(arrived.map(({ path, body }) => path + body)).toStrictEqual(['/ax', '/ax', '/from', '/to', '/b']);
  });

  it('an aborted signal and an expired deadline reject', async () => {
    const { origin } = await web(() => {});
    const run = runtime();
    await expect(run(`entry.resilientFetch()('${origin}', { signal: AbortSignal.timeout(30) })`)).rejects.toMatchObject({ name: 'TimeoutError' });
    const deadline = `entry.resilientFetch({ pipeline: (name) => entry.resiliencePipeline({ name, deadline: 50 }) })('${origin}')`;
    await expect(run(deadline)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});
