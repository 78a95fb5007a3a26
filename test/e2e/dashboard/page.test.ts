import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventMessage } from '../../../src/node/stream-messages.js';
import { executablePath, launch, type Watched, watched } from './browser.js';
import { boardOf, breaker, health, policies, ToldService } from './told-service.js';

// A browser on a machine that runs all the other tests as well takes its time.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });
const polled = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 10_000 });
const until = (isSo: () => boolean): Promise<unknown> => vi.waitUntil(isSo, { timeout: 10_000 });

const phone = { width: 360, height: 740 };
const event = (policy: string, type: string, text: string): EventMessage => ({ at: Date.now(), policy, kind: 'circuitBreaker', type, text });

describe.skipIf(executablePath === undefined)('the dashboard in a browser', () => {
  let browser: Browser;
  let service: ToldService;
  let opened: Watched[] = [];

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    service = await new ToldService().start();
  });
  afterEach(async () => {
    const troubles = opened.flatMap((one) => one.troubles);
    await Promise.all(opened.map(({ context }) => context.close()));
    opened = [];
    await service.stop();
    // Of every test: no error, nothing that the Content-Security-Policy had to stop.
    expect(troubles).toStrictEqual([]);
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const one = await watched(browser, options);
    opened.push(one);
    const before = service.streams;
    await one.page.goto(service.url);
    await until(() => service.streams > before);
    return one.page;
  }
  const text = (page: Page, selector: string): Promise<string> => page.locator(selector).first().innerText();
  const shows = async (page: Page, selector: string, expected: string): Promise<void> => {
    await polled(() => text(page, selector)).toBe(expected);
  };
  const rowNames = (page: Page): Promise<string[]> => page.locator('#rows .policy .name').allTextContents();

  it('asks for itself and the stream, and for nothing else', async () => {
    service.greeting = () => [['policies', policies([breaker('a')])], ['health', boardOf('up')]];
    const page = await open();
    await shows(page, '#headline', 'The policy is up');
    const origin = new URL(service.url).origin;
    expect(opened[0]!.requests).toStrictEqual([`${origin}/health/dashboard`, `${origin}/health/stream`]);
  });

  it('is held by its policy to that: no script, no style, no markup, no address of anybody else', async () => {
    const page = await open();
    const stopped = await page.evaluate(async () => {
      const attempt = (work: () => void): boolean => {
        try {
          work();
          return false;
        } catch {
          return true;
        }
      };
      const markup = attempt(() => void (document.createElement('p').innerHTML = '<b>x</b>'));
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      document.head.append(style);
      const fetched = await fetch('http://127.0.0.2:9/').then(() => false, () => true);
      return { markup, style: style.sheet === null || style.sheet.cssRules.length === 0, fetched };
    });
    expect(stopped).toStrictEqual({ markup: true, style: true, fetched: true });
    await until(() => opened[0]!.troubles.length >= 3);
    expect([...opened[0]!.troubles].sort()).toStrictEqual(['CSP: connect-src', 'CSP: require-trusted-types-for', 'CSP: style-src-elem']);
    opened[0]!.troubles.length = 0;
  });

  it('has a heading, the state of each policy in words, and the worst of them first', async () => {
    const page = await open();
    const views = [breaker('calm'), breaker('broken', 'open'), breaker('trying', 'half-open'), breaker('held', 'isolated')];
    service.send('policies', policies(views));
    await shows(page, '#headline', '3 of 4 policies are not up');
    expect(await rowNames(page)).toStrictEqual(['broken', 'held', 'trying', 'calm']);
    expect(await page.locator('#rows .badge').allTextContents()).toStrictEqual(['open', 'isolated', 'half-open', 'closed']);
    expect(await page.title()).toBe('3 not up · Policies');
  });

  it('shows what the process says to those who probe it', async () => {
    const page = await open();
    service.send('health', boardOf('degraded', [health('db'), health('cache', 'down', { details: { hitRate: 0.4, deep: { no: 1 } } })]));
    await page.locator('.tile').first().waitFor();
    expect(await page.locator('.tile h3').allTextContents()).toStrictEqual(['Ready', 'Startup', 'Live']);
    expect(await page.locator('.tile .top .badge').allTextContents()).toStrictEqual(['degraded', 'up', 'up']);
    expect(await page.locator('.parts li').allInnerTexts()).toStrictEqual(['cache\ndown · hitRate 0.4', 'db\nup']);
  });

  it('draws rates, latencies, permits, queue and budget', async () => {
    const page = await open();
    const before = Date.now() - 9_000;
    const bulkhead = { ...breaker('b'), kind: 'bulkhead' as const };
    const retry = { ...breaker('r'), kind: 'retry' as const };
    for (let second = 0; second < 9; second++) {
      const metrics = { calls: 100 * second, failures: 20 * second, refused: 0 };
      service.send('policies', policies([
        breaker('a', 'closed', { metrics, latency: { count: 9, p50: 12, p99: 1_340 } }),
        { ...bulkhead, metrics: { calls: 0, active: 3, limit: 10, queued: 20, capacity: 20 } },
        { ...retry, metrics: { calls: 0, budgetLeft: 7.9 } },
      ], { whole: second === 0, at: before + second * 1_000 }));
    }
    await polled(() => text(page, '#rows .calls')).toMatch(/\d\/s/);
    const calls = page.locator('#rows .row', { hasText: 'circuit breaker' }).locator('td.calls');
    expect(await calls.innerText()).toMatch(/failed/);
    expect(await text(page, '#rows .latency')).toMatch(/p50\s+12 ms\s+p99 1\.3 s/);
    expect(await page.locator('#rows .load').allInnerTexts()).toStrictEqual(['', 'permits\n3 of 10\nqueue\n20 of 20', 'budget\n7 left']);
    const lines = await calls.locator('path').evaluateAll((paths) => paths.map((path) => (path.getAttribute('d') ?? '').length));
    expect(lines.filter((length) => length > 10).length).toBeGreaterThanOrEqual(3);
    expect(await page.locator('#rows .strip').first().getAttribute('aria-label')).toMatch(/^closed \d+ s$/);
  });

  it('shows hostile names and texts as text', async () => {
    const page = await open();
    const names = [
      '<img src=x onerror="document.title=1">', '<script>document.title = 2</script>', '\u202Edetalosi', '😀 👩‍👩‍👧',
      `long ${'x'.repeat(10_000)}`, '"><svg onload=alert(1)>', '{{constructor}}', '&lt;b&gt;', '../..', '\u0000\ud800',
    ];
    service.send('policies', policies(names.map((name) => breaker(name, 'open')), { control: true }));
    service.send('health', boardOf('down', names.map((name) => health(name, 'down', { details: { [name]: name } }))));
    for (const name of names) service.send('event', event(name, name, `${name}: ${name}`));
    await shows(page, '#headline', '10 of 10 policies are not up');
    // As they are, but for what would make them look like others. A lone surrogate is no text that a stream could carry.
    const expected = names.map((name) => Buffer.from(name.replace('\u202E', '\\u202e').replace('\u0000', '\\u0000')).toString());
    expect([...(await rowNames(page))].map((name) => Buffer.from(name).toString()).sort()).toStrictEqual(expected.sort());
    await polled(() => page.locator('#events li').count()).toBe(names.length);
    expect(await page.locator('img, main script, main svg[onload], main b').count()).toBe(0);
    expect(await page.title()).toBe('10 not up · Policies');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    // What is written from right to left ends with the name.
    expect(await page.locator('#rows .policy .name').first().evaluate((name) => [name.tagName, getComputedStyle(name).unicodeBidi])).toStrictEqual(['BDI', 'isolate']);
    const tall = await page.locator('#rows .row').evaluateAll((rows) => Math.max(...rows.map((row) => row.clientHeight)));
    expect(tall).toBeLessThan(160);
  });

  it.each([
    ['light', { width: 1_280, height: 900 }], ['dark', { width: 1_280, height: 900 }], ['light', phone], ['dark', phone], ['light', { width: 768, height: 900 }],
  ] as const)('is readable in %s at %o: no scrolling sideways, and enough contrast', async (colorScheme, viewport) => {
    const page = await open({ colorScheme, viewport });
    const states = ['closed', 'open', 'half-open', 'isolated'] as const;
    service.send('policies', policies(states.map((state) => breaker(`a policy that is ${state}`, state)), { control: true }));
    service.send('health', boardOf('degraded', [health('a.very.long.name.of.a.dependency.that.does.not.fit', 'down')]));
    service.send('event', event('payments', 'opened', 'payments: circuit opened (DEADLINE_EXCEEDED), for 30 s'));
    await page.locator('#events li').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    const cut = await page.locator('button:visible, .badge:visible').evaluateAll((all) => all.filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return left < 0 || right > innerWidth || one.scrollWidth > one.clientWidth + 1;
    }).length);
    expect(cut).toBe(0);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe(colorScheme === 'light' ? 'rgb(245, 246, 248)' : 'rgb(14, 17, 22)');
    expect(await page.evaluate(faintTexts)).toStrictEqual([]);
  });

  it('has landmarks, headings, a table, and a name for everything that can be pressed', async () => {
    const page = await open();
    service.send('policies', policies([breaker('orders'), { ...breaker('pool'), kind: 'bulkhead' }], { control: true }));
    service.send('health', boardOf('up'));
    await page.locator('#rows .row').first().waitFor();
    await page.locator('.tile').first().waitFor();
    for (const landmark of ['banner', 'main'] as const) expect(await page.getByRole(landmark).count()).toBe(1);
    expect(await page.getByRole('region').evaluateAll((all) => all.map((one) => one.id))).toStrictEqual(['board', 'policies', '']);
    expect(await page.getByRole('heading').evaluateAll((all) => all.map(({ tagName, textContent }) => `${tagName} ${textContent}`))).toStrictEqual([
      'H1 Policies and health', 'H2 Health', 'H3 Ready', 'H3 Startup', 'H3 Live', 'H2 Policies', 'H2 Recent events',
    ]);
    expect(await page.getByRole('table', { name: 'Policies' }).count()).toBe(1);
    expect(await page.getByRole('columnheader').allTextContents()).toStrictEqual(['Policy', 'State', 'Last 3 minutes', 'Calls', 'Latency', 'In use', 'Control']);
    expect(await page.getByRole('row').count()).toBe(3);
    expect(await page.getByRole('rowheader').count()).toBe(2);
    expect(await page.locator('#rows .row').first().getByRole('cell').count()).toBe(6);
    for (const name of ['Isolate orders', 'Reset orders', 'Reset pool']) expect(await page.getByRole('button', { name, exact: true }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Isolate pool' }).count()).toBe(0);
    expect(await page.getByRole('searchbox', { name: 'Filter' }).count()).toBe(1);
    expect(await page.getByRole('img').count()).toBe(2);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it('reads out what changes its state, and no figures', async () => {
    const page = await open();
    const live = (): Promise<string[]> => page.locator('[role=status], [role=alert], [aria-live]').allTextContents();
    service.send('policies', policies([breaker('orders'), breaker('stock')]));
    await page.locator('#rows .row').first().waitFor();
    expect((await live()).join('')).toBe('');
    service.send('policies', policies([breaker('orders', 'closed', { metrics: { calls: 999 } })], { whole: false }));
    service.send('policies', policies([breaker('orders', 'open')], { whole: false }));
    await polled(async () => (await live()).join('')).toBe('orders, circuit breaker: open.');
    const many = Array.from({ length: 9 }, (_, i) => breaker(`p${i}`));
    service.send('policies', policies(many, { whole: false }));
    service.send('policies', policies(many.map(({ policy }) => breaker(policy, 'open')), { whole: false }));
    await polled(async () => (await live()).join('')).toMatch(/^p0, .* p1, .* p2, circuit breaker: open\. And 6 more changes\.$/);
  });

  it('has no control where the host has not enabled it', async () => {
    const page = await open();
    service.send('policies', policies([breaker('orders')]));
    await page.locator('#rows .row').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.getByRole('columnheader', { name: 'Control' }).count()).toBe(0);
  });

  it('isolates, releases and resets by keyboard alone, and asks before it isolates', async () => {
    const page = await open();
    service.send('policies', policies([breaker('a/b ü')], { control: true }));
    await page.getByRole('button', { name: 'Isolate a/b ü' }).waitFor();
    const press = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
    await press('Tab');
    expect(await focused()).toBe('To the policies');
    await press('Enter', 'Tab', 'Tab');
    expect(await focused()).toBe('Isolate');
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).toBe('solid');
    await press('Enter');
    await page.getByRole('dialog', { name: 'Isolate this policy?' }).waitFor();
    expect(await focused()).toBe('Cancel');
    await press('Escape');
    await polled(focused).toBe('Isolate');
    expect(service.asked).toStrictEqual([]);

    await press('Enter', 'Tab', 'Enter');
    await until(() => service.asked.length === 1);
    const path = '/health/policies/a%2Fb%20%C3%BC';
    expect(service.asked[0]).toStrictEqual({
      method: 'POST', url: `${path}/isolate?kind=circuitBreaker`, contentType: 'application/json', requestedWith: 'rxjs-resilience', body: '{"caller":"dashboard"}',
    });
    service.send('policies', policies([breaker('a/b ü', 'isolated')], { whole: false, control: true }));
    await polled(focused).toBe('Release');
    await press('Enter', 'Tab', 'Enter');
    await until(() => service.asked.length === 3);
    expect(service.asked.slice(1).map(({ url }) => url)).toStrictEqual([`${path}/release?kind=circuitBreaker`, `${path}/reset?kind=circuitBreaker`]);
  });

  it.each([
    [403, '{"error":"Forbidden"}', 'not allowed to reset'], [500, undefined, 'reset failed: status 500'], [502, '<b>no', 'reset failed: status 502'],
    [500, 'null', 'reset failed: status 500'], [409, '{"error":"It is <b>held</b>"}', 'reset failed: It is <b>held</b>'], [418, '{"error":7}', 'reset failed: status 418'],
  ])('says what came of it: %i %s', async (status, reason, said) => {
    const page = await open();
    service.send('policies', policies([breaker('orders')], { control: true }));
    service.answer = status;
    service.reason = reason;
    await page.getByRole('button', { name: 'Reset orders' }).click();
    await shows(page, '[role=alert]', said);
    service.answer = 204;
    service.reason = undefined;
    await page.getByRole('button', { name: 'Reset orders' }).click();
    await polled(() => page.locator('[role=alert]').textContent()).toBe('');
  });

  it('moves no row away from under a hand', async () => {
    const page = await open();
    service.send('policies', policies([breaker('a'), breaker('b')], { control: true }));
    await page.getByRole('button', { name: 'Reset a' }).focus();
    service.send('policies', policies([breaker('b', 'open'), breaker('c', 'open')], { whole: false, control: true }));
    await shows(page, '#headline', '2 of 3 policies are not up');
    expect(await rowNames(page)).toStrictEqual(['a', 'b', 'c']);
    await page.locator('#filter').focus();
    await polled(() => rowNames(page)).toStrictEqual(['b', 'c', 'a']);
  });

  it('says that what it shows is old while the server is away, and comes back by itself', async () => {
    service.greeting = () => [['policies', policies([breaker('orders')])]];
    const page = await open();
    await polled(() => text(page, '#connection')).toMatch(/^Live · \d\d:\d\d:\d\d$/);
    await service.stop();
    await polled(() => text(page, '#connection')).toMatch(/^Reconnecting\. What you see is of \d\d:\d\d:\d\d\.$/);
    expect(await page.evaluate(() => document.body.className)).toBe('stale');
    expect(await page.title()).toBe('No connection · Policies');
    await polled(() => text(page, '[role=status]')).toMatch(/The connection is lost/);
    service.greeting = () => [['policies', policies([breaker('orders', 'open'), breaker('new')])]];
    await service.start();
    await polled(() => text(page, '#connection')).toMatch(/^Live/);
    await polled(() => rowNames(page)).toStrictEqual(['orders', 'new']);
    expect(await page.evaluate(() => document.body.className)).toBe('');
  });

  it('comes back also where the stream was refused', async () => {
    service.isFull = true;
    const one = await watched(browser);
    opened.push(one);
    await one.page.goto(service.url);
    await until(() => service.refused === 1);
    expect(await text(one.page, '#connection')).toBe('Connecting');
    service.isFull = false;
    await polled(() => text(one.page, '#connection')).toMatch(/^Live/);
  });

  it('is usable with a thousand policies that change ten times a second', async () => {
    const page = await open();
    const name = (i: number): string => `policy-${String(i).padStart(4, '0')}`;
    const all = (calls: number): Parameters<typeof policies>[0] =>
      Array.from({ length: 1_000 }, (_, i) => breaker(name(i), i === 777 ? 'open' : 'closed', { metrics: { calls } }));
    service.send('policies', policies(all(0)));
    await shows(page, '#headline', '1 of 1,000 policies is not up');
    expect((await rowNames(page))[0]).toBe(name(777));
    expect(await page.locator('#rows .row').count()).toBe(40);
    await page.evaluate(() => {
      const frames: number[] = [];
      const watch = (at: number): void => {
        frames.push(at);
        requestAnimationFrame(watch);
      };
      requestAnimationFrame(watch);
      Object.assign(globalThis, { frames });
    });
    for (let i = 1; i <= 20; i++) {
      service.send('policies', policies(all(i), { whole: false }));
      await page.waitForTimeout(100);
    }
    const longest = await page.evaluate(() => {
      const { frames } = globalThis as unknown as { frames: number[] };
      return Math.max(...frames.slice(1).map((at, i) => at - frames[i]!));
    });
    expect(longest).toBeLessThan(2_000);
    await page.locator('#filter').fill('policy-09 closed');
    await shows(page, '#count', '100 of 1,000 policies');
    await page.getByRole('button', { name: 'Show more (60)' }).click();
    await polled(() => page.locator('#rows .row').count()).toBe(80);
    await page.locator('#filter').fill('nothing such');
    await shows(page, '#none', 'No policy fits the filter.');
  });

  it('does not grow while events come and policies go', async () => {
    const page = await open();
    for (let i = 0; i < 1_500; i++) service.send('event', event(`p${i}`, 'opened', `p${i}: circuit opened`));
    await polled(() => text(page, '#events .name')).toBe('p1499');
    expect(await page.locator('#events li').count()).toBe(30);
    const nodes = (): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length);
    const round = async (i: number): Promise<void> => {
      service.send('policies', policies(Array.from({ length: 60 }, (_, j) => breaker(`r${i}-${j}`))));
      await shows(page, '#rows .policy .name', `r${i}-0`);
    };
    await round(0);
    const before = await nodes();
    for (let i = 1; i < 10; i++) await round(i);
    expect(await nodes()).toBe(before);
  });

  it('moves nothing where less motion is asked for', async () => {
    const moving = (page: Page): Promise<boolean> => page.evaluate(() => {
      const probe = document.createElement('span');
      probe.className = 'fill';
      document.body.append(probe);
      return getComputedStyle(probe).transitionDuration !== '0s';
    });
    expect(await moving(await open())).toBe(true);
    expect(await moving(await open({ reducedMotion: 'reduce' }))).toBe(false);
  });
});

/** Texts that do not stand out from what is behind them by 4.5 to 1 (WCAG 2.1, 1.4.3). Runs in the page. */
function faintTexts(): string[] {
  const parse = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]: number[]): number => {
    const linear = [r!, g!, b!].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  };
  const behind = (element: Element): number[] => {
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length === 3) return colour;
    }
    return [255, 255, 255];
  };
  const faint: string[] = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim() !== '');
    if (!own || ['SCRIPT', 'STYLE'].includes(element.tagName) || !element.checkVisibility()) continue;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(`${element.className}: ${element.textContent} ${contrast.toFixed(2)}`);
  }
  return faint;
}
