import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, failing, hanging, hangingInside, json } from '../backend.ts';
import { RenderingServer } from '../rendering-server.ts';
import { hasBrowser, inBrowser, polled, type Shop, textOf } from '../shop.js';

interface Rendered {
  readonly html: string;
  readonly took: number;
}

/** An answer that takes its time. */
const afterMs = (ms: number): Answer => {
  return (response) => void setTimeout(() => json({})(response), ms);
};

/** On the server, with requests that go to a backend which may hang. */
export function rendering(shop: () => Shop): void {
  let server: RenderingServer;
  const render = async (where = '/'): Promise<Rendered> => {
    const start = performance.now();
    const response = await fetch(shop().backend.url + where);
    const html = await response.text();
    expect(response.status).toBe(200);
    return { html, took: performance.now() - start };
  };
  const paths = ['/api/payments/today', '/api/catalog/items', '/api/suggestions/today'] as const;

  beforeAll(() => {
    server = new RenderingServer(shop().folder);
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    shop().backend.pages = server.answer;
    shop().allUp();
    // A process that has served nobody yet still has to load what it runs.
    await render('/about');
  });

  it('renders what the backend has', async () => {
    const { html } = await render();
    for (const text of ['order-17', 'Cheese', 'Because you like bread', 'circuit closed']) expect(html).toContain(text);
    expect(html).not.toContain('id="notice"');
  });

  it.each([
    ['before the head', hanging],
    ['inside the body', hangingInside],
  ])('renders within 2.5 s when the backend hangs %s, with its fallback state, and leaves nothing open', { retry: 2 }, async (_title, answer) => {
    const { backend } = shop();
    for (const where of paths) backend.on(where, answer);
    const { html, took } = await render();
    expect(took).toBeLessThan(2_500);
    expect(html).toContain('Bestsellers');
    expect(html).toMatch(/Today's payments are missing: 504/);
    expect(html).toMatch(/The catalog is missing: 504/);
    for (const where of paths) {
      for (const one of backend.at(where)) await polled(() => one.left).toBeDefined();
    }
  });

  it('tries once more at most, and not where it would have to wait long', async () => {
    const { backend } = shop();
    backend.on('/api/payments/today', failing());
    backend.on('/api/catalog/items', failing(503, { 'Retry-After': '10' }));
    const { html, took } = await render();
    expect(took).toBeLessThan(2_500);
    expect(backend.at('/api/payments/today')).toHaveLength(2);
    expect(backend.at('/api/catalog/items')).toHaveLength(1);
    expect(html).toMatch(/Today's payments are missing: 503/);
    expect(html).toMatch(/The catalog is missing: 503, try again in 10 s/);
  });

  it('tells its own origin how little is left', async () => {
    const { backend } = shop();
    await render();
    const [payments] = backend.at('/api/payments/today');
    const left = Number(payments!.headers['x-request-timeout-ms']);
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThanOrEqual(1_995);
    expect(payments!.headers['priority']).toBe('u=3');
  });

  it('keeps nothing of one page for the next, which is for somebody else', async () => {
    const { backend } = shop();
    backend.on('/api/payments/today', failing());
    for (let page = 0; page < 3; page++) expect((await render()).html).toContain('payments are missing: 503');
    shop().allUp();
    const { html } = await render();
    expect(html).toContain('order-17');
    expect(html).not.toContain('circuit open');
  });

  it('lets nobody wait long in the queue of a bulkhead', async () => {
    const { backend } = shop();
    for (let shelf = 0; shelf < 10; shelf++) backend.on(`/api/shelves/${shelf}`, afterMs(800));
    const { html, took } = await render('/shelves');
    expect(took).toBeLessThan(2_500);
    // Four at a time; the others are refused after half a second, and not served after 800 ms.
    expect(html.match(/>full</g)).toHaveLength(4);
    expect(html.match(/>missing</g)).toHaveLength(6);
    expect(backend.received).toHaveLength(4);
  });

  it('renders several pages at a time, each within its time', { retry: 2 }, async () => {
    for (const where of paths) shop().backend.on(where, hanging);
    const pages = await Promise.all(Array.from({ length: 5 }, () => render()));
    for (const { html, took } of pages) {
      expect(html).toContain('Bestsellers');
      expect(took).toBeLessThan(2_500);
    }
  });

  describe.skipIf(!hasBrowser)(inBrowser, () => {
    it('goes on in the browser with what the server has asked for', async () => {
      const { backend } = shop();
      const page = await shop().open();
      await polled(() => textOf(page, '#payments ul')).toContain('order-17');
      expect(backend.received.map(({ headers }) => headers['user-agent'])).toStrictEqual(['node', 'node', 'node']);
      // The resources of the page have all settled by then: a second request would have been sent.
      await page.locator('#catalog .quiet').click();
      await polled(() => backend.at('/api/catalog/items').length).toBe(2);
      expect(backend.at('/api/payments/today')).toHaveLength(1);
      expect(backend.at('/api/suggestions/today')).toHaveLength(1);
      await polled(() => textOf(page, '#catalog .status')).toBe('up');
    });

    it('asks again in the browser for what the server could not wait for', async () => {
      const { backend } = shop();
      const by = (): string[] => backend.at('/api/payments/today').map(({ headers }) => headers['user-agent']!.replace(/^Mozilla.*/, 'browser'));
      backend.on('/api/payments/today', hanging, hanging, json({ today: [{ id: 'order-17', amount: 12 }] }));
      const page = await shop().open();
      await polled(() => textOf(page, '#payments ul')).toContain('order-17');
      expect(by()).toStrictEqual(['node', 'node', 'browser']);
      expect(backend.at('/api/catalog/items')).toHaveLength(1);
    });
  });

  it('has complained of nothing, and is kept by nothing when it is told to end', async () => {
    for (const where of paths) shop().backend.on(where, failing());
    await render();
    expect(await server.stop()).toBe(0);
    expect(server.complaints).toStrictEqual([]);
  });
}
