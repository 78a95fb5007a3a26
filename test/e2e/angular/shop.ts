import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, vi } from 'vitest';
import { executablePath, launch } from '../dashboard/browser.js';
import type { Asked, Outcome } from './app/src/app/asked.js';
import { Backend } from './backend.ts';
import { build } from './build.ts';
import { goodDay } from './good-day.ts';

/** What a test of the shop works with. */
export class Shop {
  /** The origin of the page and of its API. */
  readonly backend: Backend;
  /** Another one, which allows nobody to read it. */
  readonly foreign: Backend = new Backend();
  readonly folder: string;
  private browser: Browser | undefined;
  private context: BrowserContext | undefined;
  private readonly pages: Page[] = [];
  private troubles: string[] = [];

  constructor(folder: string) {
    this.folder = folder;
    this.backend = new Backend(`${folder}/browser`);
  }

  async start(): Promise<void> {
    if (executablePath !== undefined) this.browser = await launch();
    await this.backend.start();
    await this.foreign.start();
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.backend.stop();
    await this.foreign.stop();
  }

  /** Everything as it is on a good day. */
  allUp(): void {
    goodDay(this.backend);
  }

  /** Opens a page of the application as a new customer. Which origins are told deadlines, the page reads itself. */
  async open(where = '/', propagateTo?: readonly string[]): Promise<Page> {
    // Another page of the same context is a new customer: nothing of ours is kept outside of it, and it comes sooner.
    this.context ??= await this.browser!.newContext();
    const page = await this.context.newPage();
    this.pages.push(page);
    page.on('pageerror', (error) => this.troubles.push(error.message));
    await page.exposeBinding('noteViolation', (_, text: string) => void this.troubles.push(text));
    await page.addInitScript((origins) => {
      const { noteViolation } = globalThis as unknown as { noteViolation(text: string): void };
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => noteViolation(`${violatedDirective} ${blockedURI}`));
      Object.assign(globalThis, { propagateTo: origins });
    }, propagateTo);
    await page.goto(this.backend.url + where);
    await page.waitForSelector('h1, #payments');
    return page;
  }

  /** Ends a test, and gives what went wrong in its pages. */
  async end(): Promise<readonly string[]> {
    await this.context?.setOffline(false);
    await Promise.all(this.pages.splice(0).map((page) => page.close()));
    this.backend.reset();
    this.foreign.reset();
    return this.troubles.splice(0);
  }
}

/** The page that sends what a test asks for. */
interface Bench {
  start(asked: Asked): number;
  outcome(id: number): Outcome;
  cancel(id: number): void;
  health(key: string): string;
  circuit(key: string): string | undefined;
}
declare global {
  var bench: Bench;
}

/** A request of the bench. */
export interface Sent {
  outcome(): Promise<Outcome>;
  /** Its outcome once it has one. */
  ended(): Promise<Outcome>;
  cancel(): Promise<void>;
}

export async function send(page: Page, asked: Asked): Promise<Sent> {
  const id = await page.evaluate((given) => bench.start(given), asked);
  const outcome = (): Promise<Outcome> => page.evaluate((given) => bench.outcome(given), id);
  return {
    outcome,
    ended: async () => {
      await expect.poll(async () => (await outcome()).ended, { timeout: 10_000 }).not.toBe('pending');
      return outcome();
    },
    cancel: () => page.evaluate((given) => bench.cancel(given), id),
  };
}

/** Sends a request and waits for its end. */
export async function ended(page: Page, asked: Asked): Promise<Outcome> {
  return (await send(page, asked)).ended();
}

export const circuitOf = (page: Page, key: string): Promise<string | undefined> => page.evaluate((given) => bench.circuit(given), key);
export const healthOf = (page: Page, key: string): Promise<string> => page.evaluate((given) => bench.health(given), key);

/** As `expect.poll`, for what a browser on a busy machine shows. */
export const polled = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 10_000 });

/** The text of an element; empty where it is not there. */
export async function textOf(page: Page, selector: string): Promise<string> {
  const found = page.locator(selector);
  return (await found.count()) === 0 ? '' : (await found.first().innerText()).trim();
}

/** Why the tests in a browser are left out, for their names. */
export const inBrowser: string = executablePath === undefined ? 'in a browser (left out: chromium is not installed)' : 'in chromium';
export const hasBrowser: boolean = executablePath !== undefined;

/** Builds one of the applications, and runs tests with it. */
export function withShop(title: string, app: 'app' | 'app20', tests: (shop: () => Shop) => void): void {
  // A browser on a machine that runs all the other tests as well takes its time.
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 600_000 });
  describe(title, () => {
    let shop: Shop;
    beforeAll(async () => {
      shop = new Shop(await build(app, inject('tarball')));
      await shop.start();
    });
    afterAll(() => shop?.stop());
    afterEach(async () => {
      // Of every test: no error in a page, and nothing that its Content-Security-Policy had to stop.
      expect(await shop.end()).toStrictEqual([]);
    });
    tests(() => shop);
  });
}
