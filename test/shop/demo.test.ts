import { beforeAll, describe, expect, it, vi } from 'vitest';
import { momentLine, reportLines } from '../../docs/recipes/shop/demo/print.ts';
import { reportOf, type ShopReport } from '../../docs/recipes/shop/demo/report.ts';
import { script } from '../../docs/recipes/shop/demo/script.ts';
import { play } from '../../docs/recipes/shop/demo/simulation.ts';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { demoProgram } from '../demo/child.js';

/** What keeps the process alive. */
const active = (): number => process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout|FSReq)/.test(name)).length;

describe('the demo of the shop, with the same story in less time', () => {
  let report: ShopReport;
  let lines: string[];
  let left: number;

  beforeAll(async () => {
    const before = active();
    lines = [];
    const played = await play({
      script: script.map((scene) => ({ ...scene, length: scene.length / 3, ...(scene.rush && { rush: 200 }) })),
      ...{ random: seededRandom(1), rate: 15, speed: 20, every: 20, patience: 30_000 },
      onTick: (now) => lines.push(momentLine(now)),
    });
    report = reportOf(played);
    await vi.waitUntil(() => active() <= before, { timeout: 3_000 }).catch(() => undefined);
    left = active() - before;
  }, 60_000);

  it('breaks no promise', () => {
    expect(report.broken).toStrictEqual([]);
    expect(report.payments.taken).toBe(report.payments.owed);
    expect(reportLines(report).at(-1)).toBe('Every order was answered, and every payment was charged exactly once.');
  });

  it('has all that it is to show: a queue, a journal that was needed, charges that nobody heard of, a crowd sent away', () => {
    const { orders, payments, queue, seen } = report;
    expect(orders.first).toMatchObject({ accepted: expect.any(Number), queued: expect.any(Number), retry_later: expect.any(Number) });
    expect(Object.keys(orders.last).filter((status) => status !== 'accepted' && status !== 'declined')).toStrictEqual([]);
    expect(payments.requests).toBeGreaterThanOrEqual(payments.orders);
    expect(payments.unheard).toBeGreaterThan(0);
    expect(queue.most).toBeGreaterThan(0);
    expect(queue.foundInJournal).toBeGreaterThan(0);
    expect(queue.drained).not.toBeNull();
    expect(Object.keys(seen.profile)).toEqual(expect.arrayContaining(['live', 'cache']));
    expect(Object.keys(seen.recommendations)).toEqual(expect.arrayContaining(['recommendations', 'trending']));
    expect(Object.keys(seen.search)).toEqual(expect.arrayContaining(['best', 'cheap']));
  });

  it('shows each second, in lines that fit', () => {
    expect(lines.length).toBeGreaterThan(5);
    expect(lines[0]).toMatch(/^ {2}0 s {3}0 accepted .* \| circuit closed .* \| all is well$/);
    for (const line of [...lines, ...reportLines(report)]) expect(line.length).toBeLessThanOrEqual(130);
  });

  it('leaves nothing open', () => {
    expect(Math.max(0, left)).toBe(0);
  });
});

it('a promise that was not kept is found', () => {
  const order = { id: 'o', user: 'ann', item: 'lamp', quantity: 1, amount: 4_900 };
  const books = (charges: [string, { amount: number; outcome: 'charged' | 'declined' }][]) => ({ charges: new Map(charges), requests: 1 });
  const broken = (heard: string[], charges: Parameters<typeof books>[0], messages: string[], unfinished = 0): readonly string[] =>
    reportOf({
      customers: { placed: [{ key: 'k', order, heard }], seen: { profile: {}, recommendations: {}, search: {} } },
      services: { books: books(charges), unheard: 0, messages: new Map(messages.map((id) => [id, 1])) },
      ...{ mostWaiting: 0, foundInJournal: 0, drained: undefined, unfinished },
    } as unknown as Parameters<typeof reportOf>[0]).broken;
  const charge = { amount: 4_900, outcome: 'charged' as const };

  expect(broken(['queued', 'accepted'], [['o', charge]], ['o'])).toStrictEqual([]);
  expect(broken(['declined'], [['o', { ...charge, outcome: 'declined' }]], [])).toStrictEqual([]);
  expect(broken(['accepted'], [['o', charge]], [])).toStrictEqual(['o has paid and not heard of it']);
  expect(broken(['accepted'], [], [])).toStrictEqual(['o was told accepted, and was not charged']);
  expect(broken(['declined'], [['o', charge]], ['o'])).toStrictEqual(['o was told declined, and was charged']);
  expect(broken(['queued'], [['o', charge]], ['o'], 1)).toStrictEqual(['1 orders are not finished', 'o ended with queued', 'o was told queued, and was charged']);
  expect(broken(['accepted'], [['o', charge], ['p', charge]], ['o'])).toStrictEqual(['p was charged and is no order']);
  expect(broken(['accepted'], [['o', { ...charge, amount: 1 }]], ['o'])).toStrictEqual(['o was charged another amount']);
});

describe('npm run demo:shop', () => {
  const start = demoProgram('docs/recipes/shop/demo/main.ts');

  it('serves the shop and its dashboard at the address that it prints, and ends by Ctrl-C with 0', async () => {
    const { ended, said, interrupt } = start('--serve');
    const [, url] = await said(/Dashboard: (http:\/\/127\.0\.0\.1:\d+)\/health\/dashboard\n/);
    expect(await (await fetch(`${url}/health/dashboard`)).text()).toMatch(/^<!doctype html>/);
    const headers = { 'x-user': 'you', 'idempotency-key': '1', 'content-type': 'application/json' };
    const order = await fetch(`${url}/orders`, { method: 'POST', headers, body: '{"item":"lamp","quantity":1}' });
    expect([order.status, await order.json()]).toStrictEqual([201, { status: 'accepted' }]);

    // A dashboard that is open does not hold it up.
    const watching = await fetch(`${url}/health/stream`);
    interrupt();
    interrupt();
    expect(await ended).toBe(0);
    await watching.body?.cancel().catch(() => undefined);
  }, 30_000);

  it('shows what happens, and ends by Ctrl-C with 130', async () => {
    const { ended, said, interrupt } = start();
    await said(/ {2}1 s .* all is well\n/);
    interrupt();
    expect(await ended).toBe(130);
  }, 30_000);

  it.each([
    [['--port', '80'], '--port needs --serve.'],
    [['--serve', '--port', 'x'], '--port must be a number from 0 to 65535, got x.'],
    [['--serve', '--port', '70000'], '--port must be a number from 0 to 65535, got 70000.'],
    [['--json', '--serve'], '--json and --serve do not go together.'],
    [['--unheard-of'], 'unheard-of'],
  ])('refuses %j', async (args, said) => {
    const { ended, output } = start(...args);
    expect(await ended).toBe(2);
    expect(output()).toContain(said);
    expect(output()).toContain('The demo takes --json');
  });
});
