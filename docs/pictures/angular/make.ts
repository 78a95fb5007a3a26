// npm run build && node docs/pictures/angular/make.ts: takes the pictures of docs/angular.md, in less than a minute.
// Needs chromium, or what CHROMIUM names.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { Backend, failing } from '../../../test/e2e/angular/backend.ts';
import { build } from '../../../test/e2e/angular/build.ts';
import { goodDay } from '../../../test/e2e/angular/good-day.ts';

const screens = [
  ['desktop', { viewport: { width: 1_280, height: 480 }, deviceScaleFactor: 1 }],
  ['phone', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true }],
] as const;

const says = async (page: Page, selector: string, text: string): Promise<void> => {
  await page.locator(selector, { hasText: text }).first().waitFor();
};

const folder = await mkdtemp(path.join(tmpdir(), 'rxjs-resilience-'));
const root = path.resolve(import.meta.dirname, '../../..');
const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8' });
const backend = await new Backend(path.join(await build('app', path.join(folder, packed.trim())), 'browser')).start();
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--force-color-profile=srgb'],
});
try {
  for (const [screen, options] of screens) {
    const context = await browser.newContext({ ...options, locale: 'en-GB', reducedMotion: 'reduce' });
    const page = await context.newPage();
    const take = async (moment: string): Promise<void> => {
      // A pointer that stands on a button shows in the picture.
      await page.mouse.move(0, 0);
      await page.screenshot({ path: path.join(import.meta.dirname, `${moment}-${screen}.png`), fullPage: true });
      console.log(moment, screen);
    };
    goodDay(backend);
    backend.on('/api/payments/today', failing());
    backend.on('/api/suggestions/today', failing());
    await page.goto(backend.url);
    await says(page, '#payments .circuit', 'open');
    await says(page, '#suggestions h3', 'Bestsellers');
    await page.getByText('Pay € 12').click();
    await says(page, '#paid', 'Not paid');
    await take('outage');

    goodDay(backend);
    await says(page, '#payments .circuit', 'half-open');
    for (const card of ['payments', 'suggestions']) {
      await page.locator(`#${card} .quiet`).click();
      await says(page, `#${card} .status`, 'up');
    }
    await page.getByText('Pay € 12').click();
    await says(page, '#paid', 'charge-1');
    await take('recovered');
    await context.close();
  }
} finally {
  await browser.close();
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
}
