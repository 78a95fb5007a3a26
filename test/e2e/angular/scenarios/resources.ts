import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { failing, json } from '../backend.ts';
import { polled, type Shop, textOf } from '../shop.js';

const shown = async (page: Page, id: string): Promise<unknown> => JSON.parse((await textOf(page, `#${id}`)) || 'null');

/** Which resources have their errors wrapped by Angular itself where those are no `Error`. */
interface Wrapping {
  readonly http: boolean;
  readonly rx: boolean;
}

/** `httpResource` and `rxResource`, with and without a fallback in the pipeline of their key. */
export function resources(shop: () => Shop, wraps: Wrapping): void {
  const kinds = ['http', 'rx'] as const;

  it.each(kinds)('gives %sResource the HttpErrorResponse of the server where nothing stands in', async (kind) => {
    const { backend } = shop();
    backend.on(`/api/plain/${kind}`, failing(503, { 'Retry-After': '120' }));
    const page = await shop().open('/bench');
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-plain`)).toMatchObject({
      wrapped: wraps[kind],
      isHttpErrorResponse: true,
      status: 503,
      retryAfter: '120',
      cause: 'object',
    });
    // Told to wait longer than its deadline it does not try again.
    expect(backend.at(`/api/plain/${kind}`)).toHaveLength(1);
  });

  it.each(kinds)('gives %sResource a refusal as HttpErrorResponse', async (kind) => {
    const { backend } = shop();
    backend.on(`/api/plain/${kind}`, failing());
    const page = await shop().open('/bench');
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-plain`)).toMatchObject({ isHttpErrorResponse: true, cause: 'object' });
    await page.locator('#ask').click();
    await polled(() => shown(page, `${kind}-plain`)).toEqual({
      wrapped: wraps[kind],
      isHttpErrorResponse: true,
      status: 503,
      statusText: 'CircuitOpenError',
      url: expect.stringMatching(/\/api\/plain\/(http|rx)$/),
      retryAfter: expect.stringMatching(/^[1-3]$/),
      cause: 'CircuitOpenError',
      code: 'CIRCUIT_OPEN',
    });
    expect(backend.at(`/api/plain/${kind}`)).toHaveLength(3);
  });

  it.each(kinds.flatMap((kind) => [[kind, 'body'], [kind, 'response']] as const))('gives %sResource what stands in, given as a %s', async (kind, form) => {
    const { backend } = shop();
    backend.on(`/api/${form}/${kind}`, failing(), json({ title: 'Fresh', items: [] }));
    const page = await shop().open('/bench');
    const id = `${kind}-${form}`;
    await page.locator('#ask').click();
    await polled(() => shown(page, id)).toStrictEqual({
      status: 'resolved',
      value: { title: 'Bestsellers', items: ['Bread', 'Milk', 'Apples'] },
    });
    await page.locator('#ask').click();
    await polled(() => shown(page, id)).toStrictEqual({ status: 'resolved', value: { title: 'Fresh', items: [] } });
  });
}
