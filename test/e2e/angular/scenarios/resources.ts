import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { failing, json } from '../backend.ts';
import { polled, type Shop, textOf } from '../shop.js';

const shown = async (page: Page, id: string): Promise<unknown> => JSON.parse((await textOf(page, `#${id}`)) || 'null');

/** `httpResource` and `rxResource`, with and without a fallback in the pipeline of their key. */
export function resources(shop: () => Shop): void {
  it.each(['http', 'rx'])('gives %sResource the HttpErrorResponse of the server where nothing stands in', async (kind) => {
    const { backend } = shop();
    backend.on(`/api/plain/${kind}`, failing(503, { 'Retry-After': '120' }));
    const page = await shop().open('/bench');
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-plain`)).toMatchObject({ isHttpErrorResponse: true, status: 503, retryAfter: '120', cause: 'object' });
    // Told to wait longer than its deadline it does not try again.
    expect(backend.at(`/api/plain/${kind}`)).toHaveLength(1);
  });

  it.each(['http', 'rx'])('gives %sResource a refusal as HttpErrorResponse', async (kind) => {
    const { backend } = shop();
    backend.on(`/api/plain/${kind}`, failing());
    const page = await shop().open('/bench');
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-plain`)).toMatchObject({ isHttpErrorResponse: true, cause: 'object' });
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-plain`)).toStrictEqual({
      isHttpErrorResponse: true,
      status: 503,
      statusText: 'CircuitOpenError',
      url: `/api/plain/${kind}`,
      retryAfter: '2',
      cause: 'CircuitOpenError',
      code: 'CIRCUIT_OPEN',
    });
    expect(backend.at(`/api/plain/${kind}`)).toHaveLength(3);
  });

  it.each(['http', 'rx'])('gives %sResource the body of the fallback where there is one', async (kind) => {
    const { backend } = shop();
    backend.on(`/api/kept/${kind}`, failing(), json({ title: 'Fresh', items: [] }));
    const page = await shop().open('/bench');
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-kept`)).toStrictEqual({
      status: 'resolved',
      value: { title: 'Bestsellers', items: ['Bread', 'Milk', 'Apples'] },
    });
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-kept`)).toStrictEqual({ status: 'resolved', value: { title: 'Fresh', items: [] } });
  });
}
