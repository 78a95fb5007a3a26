// npm run build && node docs/pictures/dashboard/make.ts: takes the pictures of docs/dashboard.md, in some four minutes.
// Needs chromium, or what CHROMIUM names. `--quick` shows whether it works, with little in the plots.
import { setTimeout as after } from 'node:timers/promises';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { type Scenario, servedScenario } from '../../demo/scenario.ts';
import { serveDemo } from '../../demo/served.ts';

const speed = process.argv.includes('--quick') ? 0.2 : 1;
const seconds = (count: number): number => count * 1_000 * speed;

const scenario: Scenario = {
  ...servedScenario,
  phases: [
    { name: 'healthy', length: seconds(125) },
    { name: 'slow', length: seconds(8) },
    { name: 'failing', length: seconds(15) },
    { name: 'hanging', length: seconds(22) },
    { name: 'recovering', length: seconds(60) },
  ],
};

/** When each is taken: seconds from the start. */
const moments = [['up', 112], ['outage', 152], ['recovered', 200]] as const;
const screens = [
  ['desktop', { viewport: { width: 1_280, height: 1_000 }, deviceScaleFactor: 1 }],
  ['phone', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true }],
] as const;

/** The timeline of what was down stands further below. */
async function lookAtPayments(page: Page): Promise<void> {
  await page.bringToFront();
  await page.locator('#filter').fill('payments');
  await page.locator('#filter').blur();
  await page.evaluate(() => document.querySelector('#policies')!.scrollIntoView());
}

const start = performance.now();
const demo = await serveDemo(scenario, 0);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--force-color-profile=srgb'],
});
try {
  const pages: { readonly name: string; readonly page: Page }[] = [];
  for (const [screen, options] of screens) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ ...options, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(demo.url);
      pages.push({ name: `${colorScheme}-${screen}`, page });
    }
  }
  for (const [moment, at] of moments) {
    await after(Math.max(0, start + seconds(at) - performance.now()));
    for (const { name, page } of pages) {
      if (moment === 'recovered' && name.endsWith('phone')) await lookAtPayments(page);
      // Only pages that are seen are drawn.
      await page.bringToFront();
      await page.waitForTimeout(250);
      await page.screenshot({ path: path.join(import.meta.dirname, `${moment}-${name}.png`) });
    }
    console.log(moment, demo.phase());
  }
} finally {
  await browser.close();
  await demo.close();
}
