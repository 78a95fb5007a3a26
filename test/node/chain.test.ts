import { type IncomingHttpHeaders, request } from 'node:http';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Service, serviceScript, start } from './chain/processes.js';
import { ask, serve, until } from './sockets.js';

// Three processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const hour = 3_600_000;
let script: string;
beforeAll(async () => void (script = await serviceScript()));

let edge: Service;
let middle: Service;
let last: Service;
const all = (): Service[] => [edge, middle, last];

async function chain(clocks: readonly [edge: number, middle: number, last: number], absolute = false, elsewhere?: string): Promise<void> {
  last = await start(script, { framework: 'Fastify', clock: clocks[2], trusts: true, absolute });
  middle = await start(script, { framework: 'Express', clock: clocks[1], trusts: true, absolute, next: `http://127.0.0.1:${last.port}` });
  edge = await start(script, { framework: 'node:http', clock: clocks[0], absolute, elsewhere, next: `http://127.0.0.1:${middle.port}` });
}

interface Answer {
  readonly left: number;
  readonly priority?: string;
  readonly inner?: Answer;
}

/** Each one has less than the one before it. */
function fallOf({ left, inner }: Answer): number[] {
  return [left, ...(inner === undefined ? [] : fallOf(inner))];
}

const header = 'x-request-timeout-ms';

describe.each([
  ['whose clocks agree', [0, 0, 0]],
  ['of which the first is an hour ahead', [hour, 0, 0]],
  ['of which the second is an hour behind', [0, -hour, 0]],
  ['of which the last is an hour ahead', [0, 0, hour]],
] as const)('three services %s', (_which, clocks) => {
  it('share one deadline, stop together, and hand back that it has passed', async () => {
    await chain(clocks);

    const done = await ask(edge.port, '/?ms=30', { headers: { [header]: '15000' } });
    expect(done.status).toBe(200);
    const [first, second, third] = fallOf(JSON.parse(done.body) as Answer) as [number, number, number];
    expect(first).toBeLessThanOrEqual(15_000);
    expect(second).toBeLessThanOrEqual(first - 5);
    expect(third).toBeLessThanOrEqual(second - 5);
    expect(third).toBeGreaterThan(7_000);
    expect(all().map(({ said }) => said.splice(0).map(({ event }) => event))).toStrictEqual(Array(3).fill(['started', 'finished']));

    const left = request({ host: '127.0.0.1', port: edge.port, path: '/?ms=60000', headers: { [header]: '19000' }, agent: false });
    left.on('error', () => undefined).end();
    await until(() => last.said.length === 1, 15_000);
    left.destroy();
    await until(() => all().every(({ said }) => said.length === 2), 15_000);
    expect(all().map(({ events }) => events())).toStrictEqual(Array(3).fill(['started', 'stopped by AbortError']));
    for (const { said } of all()) said.length = 0;

    const late = await ask(edge.port, '/?ms=60000', { headers: { [header]: '1500' } });
    expect(late).toMatchObject({ status: 504, body: '{"error":"Gateway Timeout"}' });
    await until(() => all().every(({ said }) => said.length === 2), 15_000);
    // Whoever is told in time that the next one has given up has an answer; the others have run out themselves.
    for (const { events } of all()) expect(events()[1]).toMatch(/^(?:finished|stopped by (?:DeadlineExceededError|AbortError))$/);
    expect(last.events()).toStrictEqual(['started', expect.stringMatching(/^stopped by/)]);
  });
});

describe('three services', () => {
  beforeEach(() => chain([0, 0, 0]));

  it('run on with what changes something, though the client has left', async () => {
    const left = request({ host: '127.0.0.1', port: edge.port, path: '/?ms=500', method: 'POST', headers: { [header]: '15000' }, agent: false });
    left.on('error', () => undefined).end();
    await until(() => last.said.length === 1, 15_000);
    left.destroy();
    await until(() => all().every(({ said }) => said.length === 2), 15_000);
    expect(all().map(({ events }) => events())).toStrictEqual(Array(3).fill(['started', 'finished']));
  });

  it('do nothing for what comes too late', async () => {
    expect(await ask(edge.port, '/?ms=1', { headers: { [header]: '0' } })).toMatchObject({ status: 504, body: '{"error":"Gateway Timeout"}' });
    expect((await ask(edge.port, '/?ms=1', { headers: { [header]: '15000' } })).status).toBe(200);
    expect(all().map(({ events }) => events())).toStrictEqual(Array(3).fill(['started', 'finished']));
  });

  it('have the priority of the route, whatever a client asks for, and no header that it made', async () => {
    const hostile = { priority: 'u=0', 'x-tag': 'a', 'x-priority': 'u=0, "\\"', [header]: '15000', 'x-deadline': '9' };
    const { body } = await ask(edge.port, '/export?ms=1', { headers: hostile });
    const answer = JSON.parse(body) as Answer;
    expect([answer.priority, answer.inner!.priority, answer.inner!.inner!.priority]).toStrictEqual(Array(3).fill('sheddable'));
    for (const { said } of [middle, last]) {
      const { sent } = said[0]!;
      expect(sent).toStrictEqual({ priority: 'u=7', [header]: expect.stringMatching(/^\d{4,5}$/) as string });
    }
    const important = JSON.parse((await ask(edge.port, '/?ms=1', { headers: { priority: 'u=7' } })).body) as Answer;
    expect(important.priority).toBe('criticalPlus');
    // A caller that is trusted lowers; it does not raise what is critical by default.
    expect(important.inner!.priority).toBeUndefined();
    expect(middle.said.at(-2)!.sent).toStrictEqual({ priority: 'u=0' });
  });

  it('have no deadline where nobody gave one, nor for what cannot be read', async () => {
    for (const value of ['soon', '-1', '9'.repeat(300)]) {
      const answer = JSON.parse((await ask(edge.port, '/?ms=1', { headers: { [header]: value } })).body) as Answer;
      expect([answer.left, answer.inner!.left, answer.inner!.inner!.left]).toStrictEqual([undefined, undefined, undefined]);
    }
  });
});

it('three services tell nothing of it to a fourth one that belongs to somebody else', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const { port } = await serve((req, res) => {
    seen.push(req.headers);
    res.end();
  });
  await chain([0, 0, 0], false, `http://127.0.0.1:${port}`);
  expect((await ask(edge.port, '/?ms=1', { headers: { [header]: '15000', priority: 'u=1' } })).status).toBe(200);
  expect(last.said[0]!.left).toBeLessThanOrEqual(14_990);
  const ours = Object.keys(seen[0]!).filter((name) => /priority|timeout|deadline|^x-/.test(name));
  expect([seen.length, ours]).toStrictEqual([1, []]);
});

describe('three services that tell each other an instant', () => {
  const inMs = (ms: number): Record<string, string> => ({ 'x-deadline': String(Date.now() + ms) });

  it('have what is left of it while their clocks agree', async () => {
    await chain([0, 0, 0], true);
    const fall = fallOf(JSON.parse((await ask(edge.port, '/?ms=1', { headers: inMs(15_000) })).body) as Answer);
    expect(fall[0]).toBeLessThanOrEqual(15_000);
    expect(fall[2]).toBeLessThanOrEqual(fall[0]! - 10);
    expect(fall[2]).toBeGreaterThan(7_000);
  });

  it('have never more than the maximum where one is an hour behind', async () => {
    await chain([0, -hour, 0], true);
    const { left, inner } = JSON.parse((await ask(edge.port, '/?ms=1', { headers: inMs(15_000) })).body) as Answer;
    expect(left).toBeLessThanOrEqual(15_000);
    // It takes the deadline for one in an hour, and cuts that; the last one is told an instant an hour ago, which says nothing.
    expect(inner!.left).toBeLessThanOrEqual(20_000);
    expect(inner!.left).toBeGreaterThan(19_000);
    expect(inner!.inner!.left).toBeLessThanOrEqual(5_000);
  });
});
