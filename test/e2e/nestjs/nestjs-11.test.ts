import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { output } from '../../package/process.ts';
import { build, folder } from './build.ts';
import { run, type Running } from './running.ts';

const program = async (file: string) => (await output(process.execPath, [`dist/${file}`], folder)).trim();

describe('an application of NestJS 11 in CommonJS', () => {
  beforeAll(() => build(inject('tarball')), 240_000);

  describe.each(['express', 'fastify'])('on %s', (platform) => {
    let app: Running;
    const get = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${app.url}${path}`, init);
      const body = await answer.text();
      return { status: answer.status, body, retryAfter: answer.headers.get('retry-after') };
    };
    const ask = async (query: string) => {
      const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query }) };
      return JSON.parse((await get('/graphql', init)).body) as object;
    };
    const deadline = (ms: number) => ({ headers: { 'X-Request-Timeout-Ms': String(ms) } });

    beforeAll(async () => {
      app = await run(platform);
    }, 60_000);
    afterAll(() => app.stop());

    it('tries a safe route again, and others not', async () => {
      expect(await get('/flaky')).toMatchObject({ status: 200, body: 'fine' });
      expect((await get('/flaky', { method: 'POST' })).status).toBe(500);
      expect(await app.log()).toStrictEqual(['flaky 1', 'flaky 2', 'flaky 3', 'write 1']);
    });

    it('tries the methods of a provider again, a promise and an observable', async () => {
      expect(await get('/find/7')).toMatchObject({ status: 200, body: 'item 7' });
      expect(await get('/watch/7')).toMatchObject({ status: 200, body: 'watched 7' });
      expect(await app.log()).toStrictEqual(['find 1', 'find 2', 'find 3', 'watch 1', 'watch 2', 'watch 3']);
    });

    it('answers a deadline with 504, and shows what is left after an await', async () => {
      expect(Number((await get('/remaining', deadline(5_000))).body)).toBeGreaterThan(1_000);
      expect((await get('/remaining')).body).toBe('');
      for (const path of ['/enforced', '/hanging']) {
        expect(await get(path, deadline(100))).toMatchObject({ status: 504, body: '{"error":"Gateway Timeout"}' });
      }
      expect((await get('/flaky', deadline(0))).status).toBe(504);
      expect(await app.log()).toStrictEqual(['hanging 1', 'hanging cut']);
    });

    it('ends safe requests of a client that leaves, and no others', async () => {
      for (const method of ['GET', 'POST']) {
        const leaving = new AbortController();
        const call = fetch(`${app.url}/hanging`, { method, signal: leaving.signal }).catch(() => 'left');
        const lines: string[] = [];
        const logged = async () => {
          lines.push(...(await app.log()));
          return lines;
        };
        const began = method === 'GET' ? 'hanging 1' : 'hanging write 1';
        await expect.poll(logged).toStrictEqual([began]);
        leaving.abort();
        expect(await call).toBe('left');
        if (method === 'GET') await expect.poll(logged).toStrictEqual([began, 'hanging cut']);
        else expect(await logged()).toStrictEqual([began]);
      }
    });

    it('calls another service again, and says nothing where it may not', async () => {
      const seen: (string | undefined)[] = [];
      const server = createServer((req, res) => {
        seen.push(req.headers['x-request-timeout-ms'] as string | undefined);
        res.writeHead(seen.length < 3 ? 503 : 200).end('from afar');
      }).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      expect((await get(`/fetch?url=${encodeURIComponent(url)}`, deadline(5_000))).body).toBe('from afar');
      expect(seen).toStrictEqual([undefined, undefined, undefined]);
    });

    it('sends a message for each try, and an event at once', async () => {
      expect(await get('/charge/5', { method: 'POST' })).toMatchObject({ status: 201, body: 'charged 5' });
      await get('/note/this', { method: 'POST' });
      const lines: string[] = [];
      await expect.poll(async () => lines.push(...(await app.log())) && lines).toContain('noted this');
      expect(lines.filter((line) => line.startsWith('charged'))).toHaveLength(3);
    });

    it('tries a query again, a mutation not, and tells a refusal without its text', async () => {
      expect(await ask('{ item }')).toStrictEqual({ data: { item: 'an item' } });
      expect(await ask('mutation { add }')).toMatchObject({ data: null, errors: [{ message: 'down' }] });
      const refused = await ask('{ refused }');
      expect(refused).toMatchObject({ data: null, errors: [{ path: ['refused'] }] });
      expect(JSON.stringify(refused)).not.toMatch(/isolated|circuit/i);
      expect(await app.log()).toStrictEqual(['item 1', 'item 2', 'item 3', 'add 1']);
    });

    it('takes a 404 for an answer, opens at failures, and tells terminus', async () => {
      for (let call = 0; call < 3; call++) expect((await get('/status/404')).status).toBe(404);
      expect((await get('/status/200')).status).toBe(200);
      expect(JSON.parse((await get('/health')).body)).toMatchObject({ status: 'ok', info: { catalog: { status: 'up' } } });
      for (let call = 0; call < 2; call++) expect((await get('/status/502')).status).toBe(502);
      const refused = await get('/status/200');
      expect([refused.status, Number(refused.retryAfter) > 0]).toStrictEqual([503, true]);
      // This terminus drops what is degraded.
      const health = await get('/health');
      expect(health.status).toBe(200);
      expect(JSON.parse(health.body)).toMatchObject({ info: { catalog: { status: 'up', degraded: true }, pool: { status: 'up' } } });
      const required = await get('/health/required');
      expect(required.status).toBe(503);
      expect(JSON.parse(required.body)).toMatchObject({ error: { isolated: { status: 'down' } } });
    });
  });

  it('refuses to start with what it cannot protect', async () => {
    const known = "which ResilienceModule does not have; known are 'again', 'catalog', 'pool', 'isolated'";
    const mark = 'mark a method of a provider';
    expect((await program('refused.js')).split('\n')).toStrictEqual([
      `gateway: TypeError: @Resilient('again') on Chat.said: a gateway is not supported; ${mark}`,
      `subscription: TypeError: @Resilient('again') on Items.added: a subscription is not supported; ${mark}`,
      `field: TypeError: @Resilient('again') on Fields.field: a field of a resolver is not supported; ${mark}`,
      `handler: TypeError: @Resilient on Orders.get wants the policy 'agian', ${known}`,
      `injection: TypeError: @InjectPolicy in Wants wants the policy 'agian', ${known}`,
    ]);
  });

  it('is tested with @nestjs/testing: deadlines are read, a policy is replaced', async () => {
    expect(await program('tested.js')).toBe('deadline: true, late: 504, replaced: true, accepted: 1');
  });

  it('starts without any of the optional packages', async () => {
    expect(await program('alone.js')).toBe('fine {"pool":{"status":"up"}}');
  });

  it('takes the library as a module', async () => {
    expect(await program('esm.mjs')).toBe('fine, accepted: 1');
  });
});
