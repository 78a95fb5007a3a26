import { expect, it } from 'vitest';
import { type Answer, hanging, hangingInside, json } from '../backend.ts';
import { circuitOf, ended, polled, send, type Shop, textOf } from '../shop.js';

const failing: Answer = json({ error: 503 }, 503);

export function cancelling(shop: () => Shop): void {
  it.each<[string, Answer]>([
    ['hangs before the head', hanging],
    ['hangs inside the body', hangingInside],
  ])('cancels on the network what %s, when its time is over', async (_title, answer) => {
    const { backend } = shop();
    backend.on('/api/slow/one', answer);
    const page = await shop().open('/bench');
    const outcome = await ended(page, { url: '/api/slow/one', resilience: { deadline: 800 } });
    expect(outcome.error).toMatchObject({
      isHttpErrorResponse: true,
      status: 504,
      statusText: 'DeadlineExceededError',
      cause: 'DeadlineExceededError',
      code: 'DEADLINE_EXCEEDED',
    });
    expect(outcome.took).toBeGreaterThan(780);
    const received = backend.at('/api/slow/one');
    expect(received).toHaveLength(1);
    const one = received[0]!;
    await polled(() => one.left).toBeDefined();
    // The time of the request began in the browser, before it was here.
    expect(one.left! - one.at).toBeGreaterThan(400);
    expect(one.left! - one.at).toBeLessThan(2_500);
    expect(one.done).toBeUndefined();
  });

  it('cuts each try, and cancels each on the network', async () => {
    const { backend } = shop();
    backend.on('/api/payments/slow', hanging);
    const page = await shop().open('/bench');
    // The pipeline of payments: 1,500 ms for a try, 4,000 for all.
    const { error, took } = await ended(page, { url: '/api/payments/slow', resilience: { key: 'payments' } });
    expect(error).toMatchObject({ status: 504 });
    expect(took).toBeGreaterThan(3_900);
    const received = backend.at('/api/payments/slow');
    expect(received).toHaveLength(3);
    for (const one of received) await polled(() => one.left).toBeDefined();
    for (const { at, left } of received.slice(0, 2)) expect(left! - at).toBeGreaterThan(1_000);
    // A try is over before the next one begins.
    expect(received[0]!.left!).toBeLessThan(received[1]!.at + 100);
    expect(received[1]!.left!).toBeLessThan(received[2]!.at + 100);
  });

  it('takes the timeout of Angular for one of each try', async () => {
    const { backend } = shop();
    backend.on('/api/slow/two', hanging);
    const page = await shop().open('/bench');
    const { error } = await ended(page, { url: '/api/slow/two', timeout: 300 });
    expect(error).toMatchObject({ isHttpErrorResponse: true, status: 0, cause: 'TimeoutError' });
    const received = backend.at('/api/slow/two');
    expect(received).toHaveLength(3);
    for (const one of received) await polled(() => one.left).toBeDefined();
    for (const { at, left } of received) expect(left! - at).toBeLessThan(2_000);
    expect(await circuitOf(page, `${backend.url}/api/slow`)).toBe('open');
  });

  it('cancels when the user goes to another page, and holds nothing against the dependency', async () => {
    const { backend } = shop();
    shop().allUp();
    backend.on('/api/payments/today', hanging);
    const page = await shop().open();
    for (let time = 1; time <= 5; time++) {
      await polled(() => backend.at('/api/payments/today').length).toBe(time);
      await page.getByText('About').click();
      await polled(() => backend.at('/api/payments/today')[time - 1]!.left).toBeDefined();
      expect(await textOf(page, '#about')).toContain('A shop');
      await page.getByText('Counter').click();
    }
    await polled(() => backend.at('/api/payments/today').length).toBe(6);
    expect(await textOf(page, '#payments .circuit')).toBe('circuit closed');
    expect(await textOf(page, '#payments .status')).toBe('up');
    // Each was left long before the 1,500 ms of a try, and none was tried again after that.
    for (const { at, left } of backend.at('/api/payments/today').slice(0, 5)) expect(left! - at).toBeLessThan(1_500);
  });

  it('cancels what a resource has asked for when it asks for something else, and holds nothing against the dependency', async () => {
    const { backend } = shop();
    backend.on('/api/search/items', hanging, hanging, hanging, hanging, json(['Bread']));
    const page = await shop().open('/bench');
    for (const [index, query] of ['b', 'br', 'bre', 'brea'].entries()) {
      await page.locator('#query').fill(query);
      await polled(() => backend.at('/api/search/items').length).toBe(index + 1);
    }
    await page.locator('#query').fill('bread');
    await polled(() => textOf(page, '#found')).toContain('Bread');
    const received = backend.at('/api/search/items');
    expect(received).toHaveLength(5);
    for (const one of received.slice(0, 4)) await polled(() => one.left).toBeDefined();
    expect(await circuitOf(page, `${backend.url}/api/search`)).toBe('closed');
  });

  it('does not try again after the user has left during a wait', async () => {
    const { backend } = shop();
    backend.on('/api/retry/left', json({}, 503, { 'Retry-After': '1' }));
    const page = await shop().open('/bench');
    const sent = await send(page, { url: '/api/retry/left' });
    await polled(() => backend.at('/api/retry/left')[0]?.done).toBeDefined();
    await sent.cancel();
    // Another one, which begins later and waits twice as long, shows that the time of the first is over.
    await ended(page, { url: '/api/retry/left', resilience: { key: 'other' } });
    expect(backend.at('/api/retry/left')).toHaveLength(4);
    expect((await sent.outcome()).ended).toBe('pending');
  });

  it('takes a probe that shows progress and is left by its user for no success', async () => {
    const { backend } = shop();
    const key = `${backend.url}/api/probed`;
    const circuit = (): Promise<string | undefined> => circuitOf(page, key);
    backend.on('/api/probed/down', failing);
    backend.on('/api/probed/hang', hangingInside);
    backend.on('/api/probed/up', json({ ok: true }));
    const page = await shop().open('/bench');
    await ended(page, { url: '/api/probed/down' });
    expect(await circuit()).toBe('open');
    await polled(circuit).toBe('half-open');
    const probe = await send(page, { url: '/api/probed/hang' });
    await polled(async () => (await probe.outcome()).events).toContain(3);
    await probe.cancel();
    await polled(() => backend.at('/api/probed/hang')[0]!.left).toBeDefined();
    expect(await circuit()).toBe('half-open');
    // Its place is free again.
    expect(await ended(page, { url: '/api/probed/up' })).toMatchObject({ status: 200 });
    expect(await circuit()).toBe('closed');
  });
}
