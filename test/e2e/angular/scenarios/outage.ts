import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { failing, json } from '../backend.ts';
import { polled, type Shop, textOf } from '../shop.js';

const status = (page: Page, card: string): Promise<string> => textOf(page, `#${card} .status`);
const circuit = (page: Page, card: string): Promise<string> => textOf(page, `#${card} .circuit`);
const refresh = (page: Page, card: string): Promise<void> => page.locator(`#${card} .quiet`).click();

export function outage(shop: () => Shop): void {
  it('shows no notice while everything is up', async () => {
    const { backend } = shop();
    shop().allUp();
    const page = await shop().open();
    await polled(() => textOf(page, '#payments ul')).toContain('order-18');
    for (const card of ['payments', 'catalog', 'suggestions']) {
      await polled(() => status(page, card)).toBe('up');
      expect(await circuit(page, card)).toBe('circuit closed');
    }
    expect(await page.locator('#notice').count()).toBe(0);
    // All of it without zone.js.
    expect(await page.evaluate(() => 'Zone' in globalThis)).toBe(false);
    expect(backend.received.map(({ path }) => path).sort()).toStrictEqual([
      '/api/catalog/items', '/api/payments/today', '/api/suggestions/today',
    ]);
  });

  it('opens the circuit of payments while the catalog of the same origin goes on, shows that, and shows the recovery', async () => {
    const { backend } = shop();
    shop().allUp();
    backend.on('/api/payments/today', failing());
    const page = await shop().open();

    await polled(() => status(page, 'payments')).toBe('down');
    expect(await circuit(page, 'payments')).toBe('circuit open');
    expect(await textOf(page, '#notice')).toBe('Payments are not available. Nothing is charged.');
    await polled(() => textOf(page, '#payments .error')).toMatch(/503, try again/);
    const tries = backend.at('/api/payments/today').length;
    expect(tries).toBe(3);

    // What is refused does not reach the server, in another method either; what is next door does.
    await refresh(page, 'payments');
    await page.getByText('Pay € 12').click();
    await polled(() => textOf(page, '#paid')).toMatch(/^Not paid: 503, try again in [1-5] s$/);
    await polled(() => textOf(page, '#payments .error')).toMatch(/503, try again in [1-5] s/);
    await refresh(page, 'catalog');
    await polled(() => backend.at('/api/catalog/items').length).toBe(2);
    expect(backend.at('/api/payments/today')).toHaveLength(tries);
    expect(backend.at('/api/payments/charges')).toHaveLength(0);
    expect(await status(page, 'catalog')).toBe('up');
    expect(await circuit(page, 'catalog')).toBe('circuit closed');

    // Once the break is over that is seen without a request.
    shop().allUp();
    await polled(() => status(page, 'payments')).toBe('degraded');
    expect(await circuit(page, 'payments')).toBe('circuit half-open');
    expect(await textOf(page, '#notice')).toBe('Payments are coming back. Some may still be refused.');
    expect(backend.at('/api/payments/today')).toHaveLength(tries);

    await refresh(page, 'payments');
    await polled(() => status(page, 'payments')).toBe('up');
    expect(await circuit(page, 'payments')).toBe('circuit closed');
    await polled(() => page.locator('#notice').count()).toBe(0);
    await polled(() => textOf(page, '#payments ul')).toContain('order-17');
    expect(backend.at('/api/payments/today')).toHaveLength(tries + 1);
  });

  it('opens again when the first request after the break fails', async () => {
    const { backend } = shop();
    shop().allUp();
    backend.on('/api/catalog/items', failing());
    const page = await shop().open();
    await polled(() => circuit(page, 'catalog')).toBe('circuit open');
    await polled(() => circuit(page, 'catalog')).toBe('circuit half-open');
    await refresh(page, 'catalog');
    await polled(() => circuit(page, 'catalog')).toBe('circuit open');
    expect(backend.at('/api/catalog/items')).toHaveLength(4);
    expect(await status(page, 'catalog')).toBe('down');
    expect(await status(page, 'payments')).toBe('up');
  });

  it('goes on with what is kept where the pipeline of a key has a fallback', async () => {
    const { backend } = shop();
    shop().allUp();
    backend.on('/api/suggestions/today', failing(), json({ title: 'For you again', items: ['Tea'] }));
    const page = await shop().open();
    await polled(() => textOf(page, '#suggestions h3')).toBe('Bestsellers');
    await polled(() => status(page, 'suggestions')).toBe('degraded');
    expect(await page.locator('#suggestions .error').count()).toBe(0);
    await refresh(page, 'suggestions');
    await polled(() => textOf(page, '#suggestions h3')).toBe('For you again');
    await polled(() => status(page, 'suggestions')).toBe('up');
    expect(await page.locator('#notice').count()).toBe(0);
  });
}
