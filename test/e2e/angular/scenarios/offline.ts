import { expect, it } from 'vitest';
import { json } from '../backend.ts';
import { circuitOf, ended, healthOf, polled, send, type Shop } from '../shop.js';

export function offline(shop: () => Shop): void {
  it('waits for the network within the deadline, and goes on as soon as it is back', async () => {
    const { backend } = shop();
    backend.on('/api/net/one', json({ ok: true }));
    const page = await shop().open('/bench');
    await page.context().setOffline(true);
    const sent = await send(page, { url: '/api/net/one' });
    // Longer than the two retries of its pipeline would take.
    await page.waitForTimeout(1_000);
    expect((await sent.outcome()).ended).toBe('pending');
    expect(backend.received).toStrictEqual([]);
    await page.context().setOffline(false);
    expect(await sent.ended()).toMatchObject({ ended: 'complete', status: 200, body: { ok: true } });
    expect(backend.at('/api/net/one')).toHaveLength(1);
    expect(await circuitOf(page, `${backend.url}/api/net`)).toBe('closed');
  });

  it('gives up when the deadline is over before the network is back', async () => {
    const { backend } = shop();
    const page = await shop().open('/bench');
    await page.context().setOffline(true);
    const outcome = await ended(page, { url: '/api/net/two', resilience: { deadline: 700 } });
    expect(outcome.error?.isHttpErrorResponse).toBe(true);
    expect([0, 504]).toContain(outcome.error?.status);
    expect(outcome.took).toBeLessThan(3_000);
    expect(backend.received).toStrictEqual([]);
  });

  it('holds it against no dependency that the machine has no network', async () => {
    const { backend } = shop();
    backend.on('/api/net/three', json({ ok: true }));
    const page = await shop().open('/bench');
    const key = `${backend.url}/api/net`;
    await ended(page, { url: '/api/net/three' });
    await page.context().setOffline(true);
    for (let time = 0; time < 8; time++) {
      // Not tried again, so that each would be a failure of its own.
      const { error } = await ended(page, { url: '/api/net/three', method: 'POST', body: {} });
      expect(error).toMatchObject({ isHttpErrorResponse: true, status: 0 });
    }
    expect([await circuitOf(page, key), await healthOf(page, key)]).toStrictEqual(['closed', 'up']);
    await page.context().setOffline(false);
    expect(await ended(page, { url: '/api/net/three' })).toMatchObject({ status: 200 });
    await polled(() => backend.at('/api/net/three').length).toBe(2);
  });
}
