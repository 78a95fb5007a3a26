import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { installed } from '../../installed.js';

/** Where Debian's chromium is; undefined where the tests that need it are left out. */
export const executablePath: string | undefined = installed('chromium');

export function launch(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath: executablePath!, args });
}

/** A page, what went wrong in it, and whom it asked. */
export interface Watched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors, and everything that the Content-Security-Policy has stopped. */
  readonly troubles: string[];
  /** Addresses of requests. */
  readonly requests: string[];
}

export async function watched(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext(options);
  const troubles: string[] = [];
  const requests: string[] = [];
  // The event does not depend on how a browser words what it writes to the console.
  await context.exposeBinding('noteViolation', (_, directive: string) => void troubles.push(`CSP: ${directive}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
      void (globalThis as unknown as { noteViolation(directive: string): void }).noteViolation(violatedDirective);
    });
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  return { context, page, troubles, requests };
}
