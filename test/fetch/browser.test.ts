import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { executablePath, launch, watched } from '../e2e/dashboard/browser.js';
import { type Arrived, until, web } from './servers.js';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

const why = executablePath === undefined ? ' (left out: chromium is not installed)' : '';

describe.skipIf(executablePath === undefined)(`in a browser${why}`, () => {
  let browser: Browser;
  let bundle = '';

  beforeAll(async () => {
    browser = await launch();
    const { outputFiles } = await build({
      stdin: { contents: "export * from './src/fetch/index.ts'; export { constant, resiliencePipeline } from './src/index.ts';", resolveDir: process.cwd() },
      bundle: true,
      format: 'iife',
      globalName: 'entry',
      platform: 'browser',
      write: false,
      logLevel: 'error',
    });
    bundle = outputFiles[0]!.text;
  });
  afterAll(() => browser.close());

  /** A page, whose origin sends it to another one that allows plain requests, and no header of ours. */
  async function opened() {
    let left = 0;
    const other = await web((_, response) => response.writeHead(200, { 'access-control-allow-origin': '*' }).end('there'));
    const failed = new Map<string, number>();
    const site = await web(({ path, method, body }, response) => {
      response.on('close', () => left++);
      if (path === '/') response.setHeader('content-type', 'text/html').end('<!doctype html><title>fetch</title>');
      else if (path === '/there') response.writeHead(302, { location: `${other.origin}/` }).end();
      else if (path.startsWith('/busy')) {
        const times = (failed.get(path) ?? 0) + 1;
        failed.set(path, times);
        response.writeHead(times < 3 ? 503 : 200, { 'retry-after': '0' }).end(`${method} ${body} ${times}`);
      } else if (path === '/slow') response.write('first');
      else if (path !== '/hang') response.end('ok');
    });
    const { context, page, troubles } = await watched(browser);
    await page.goto(`${site.origin}/`);
    await page.addScriptTag({ content: bundle });
    await page.evaluate(`
      globalThis.with_ = (options) => entry.resilientFetch({
        pipeline: (name) => entry.resiliencePipeline({ name, deadline: 8000, retry: { backoff: entry.constant(1) } }), ...options });
      globalThis.text = (promise) => promise.then((r) => r.text()).catch((error) => String(error.code ?? error.name ?? error));
    `);
    const run = (script: string): Promise<unknown> => page.evaluate(script);
    const asked = (path: string): Arrived[] => site.arrived.filter((request) => request.path === path);
    return { site, other, run, asked, left: () => left, close: async () => { await context.close(); return troubles; } };
  }
  const ours = 'x-request-timeout-ms';

  it('tells its own origin what is left, and nobody else', async () => {
    const { other, run, asked, close } = await opened();
    expect(await run(`text(with_()('/own'))`)).toBe('ok');
    expect(await run(`text(with_()('${other.origin}/other'))`)).toBe('there');
    expect(Number(asked('/own')[0]!.headers[ours])).toBeGreaterThan(1_000);
    expect(other.arrived.map(({ method, headers }) => [method, ours in headers])).toStrictEqual([['GET', false]]);
    expect(await close()).toStrictEqual([]);
  });

  it('follows a redirect to another origin as without it', async () => {
    const { other, run, asked, close } = await opened();
    expect(await run(`text(with_()('/there'))`)).toBe('there');
    expect(await run(`text(with_()('/there', { method: 'POST', body: 'x' }))`)).toBe('there');
    expect(await run(`with_()('/there').then((r) => [r.url, r.redirected])`)).toStrictEqual([`${other.origin}/`, true]);
    expect(asked('/there').map(({ method, headers }) => [method, ours in headers])).toStrictEqual([
      ['GET', true], ['GET', false], ['POST', false], ['GET', true], ['GET', false],
    ]);
    // No preflight, and no header.
    expect(other.arrived.map(({ method, headers }) => [method, ours in headers])).toStrictEqual([['GET', false], ['GET', false], ['GET', false]]);
    expect(await close()).toStrictEqual([]);
  });

  it('sends a body again, of a Request too, and once what is used up', async () => {
    const { run, asked, close } = await opened();
    expect(await run(`text(with_()('/busy/1', { method: 'PUT', body: 'x' }))`)).toBe('PUT x 3');
    expect(await run(`text(with_()(new Request('/busy/2', { method: 'PUT', body: 'x' })))`)).toBe('PUT x 3');
    expect(await run(`text(with_()('/busy/3', { method: 'POST', body: 'x' }))`)).toBe('POST x 1');
    expect(asked('/busy/2').map(({ body, headers }) => [body, headers['content-type']])).toStrictEqual([
      ['x', 'text/plain;charset=UTF-8'], ['x', 'text/plain;charset=UTF-8'], ['x', 'text/plain;charset=UTF-8'],
    ]);
    expect(await close()).toStrictEqual([]);
  });

  it('ends the request on the network with a signal, a deadline and an unsubscription', async () => {
    const { run, asked, left, close } = await opened();
    const before = left();
    expect(await run(`text(with_()('/hang', { signal: AbortSignal.timeout(50) }))`)).toBe('23');
    expect(await run(`text(with_({ pipeline: (name) => entry.resiliencePipeline({ name, deadline: 50 }) })('/hang'))`)).toBe('DEADLINE_EXCEEDED');
    await run(`globalThis.subscription = entry.fetch$('/hang').subscribe()`);
    await until(() => asked('/hang').length === 3);
    await run(`subscription.unsubscribe()`);
    await until(() => left() === before + 3);
    expect(await close()).toStrictEqual([]);
  });

  it('holds a deadline for a body, and gives what the platform gives', async () => {
    const { run, left, close } = await opened();
    const before = left();
    const pipeline = (ms: number) => `until: 'body', pipeline: (name) => entry.resiliencePipeline({ name, deadline: ${ms} })`;
    expect(await run(`text(with_({ ${pipeline(1_500)} })('/slow'))`)).toBe('DEADLINE_EXCEEDED');
    await until(() => left() === before + 1);
    const facts = `(r) => [r instanceof Response, r.status, r.type, new URL(r.url).pathname, r.redirected, await r.clone().text(), (await r.blob()).size]`;
    expect(await run(`with_({ ${pipeline(5_000)} })('/own').then(async ${facts})`)).toStrictEqual([true, 200, 'basic', '/own', false, 'ok', 2]);
    expect(await close()).toStrictEqual([]);
  });
});
