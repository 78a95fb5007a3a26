import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageContent } from '../../../src/node/dashboard/generate.mjs';
import { dashboardPage } from '../../../src/node/dashboard/page.js';

const folder = path.resolve(import.meta.dirname, '../../../src/node/dashboard');
const { html, contentSecurityPolicy } = dashboardPage();
const inside = (tag: string): string[] => [...html.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, 'g'))].map(([, text]) => text!);
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the page of the dashboard', () => {
  it('is what its sources give: else run src/node/dashboard/generate.mjs', () => {
    // Not toBe: nobody reads the difference of two bundles.
    expect(readFileSync(path.join(folder, 'page-content.ts'), 'utf8') === pageContent()).toBe(true);
  });

  it('has one script and one style, and a policy that lets exactly these in', () => {
    const [script, ...otherScripts] = inside('script');
    const [style, ...otherStyles] = inside('style');
    expect([otherScripts, otherStyles]).toStrictEqual([[], []]);
    expect(contentSecurityPolicy.split('; ')).toStrictEqual([
      "default-src 'none'",
      `script-src ${hashOf(script!)}`,
      `style-src ${hashOf(style!)}`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it('names no other address, and has neither inline styles nor inline handlers', () => {
    const named = [...html.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([address]) => address);
    expect(new Set(named)).toStrictEqual(new Set(['http://www.w3.org/2000/svg']));
    const markup = html.replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, '');
    expect(markup).not.toMatch(/\s(style|on\w+|src)=/);
    expect([...markup.matchAll(/href="([^"]*)"/g)].map(([, target]) => target)).toStrictEqual(['data:,', '#policies']);
  });

  it('is small', () => {
    expect(inside('script')[0]!.length).toBeLessThan(20_000);
    expect(html.length).toBeLessThan(40_000);
  });

  it('has no place in its sources that reads markup', () => {
    const files = readdirSync(path.join(folder, 'client')).filter((name) => name.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(10);
    for (const name of files) {
      expect(readFileSync(path.join(folder, 'client', name), 'utf8'), name).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc/);
    }
  });
});

describe('the pictures of the dashboard', () => {
  const pictures = path.resolve(import.meta.dirname, '../../../docs/pictures/dashboard');
  const names = ['up', 'outage', 'recovered'].flatMap((moment) =>
    ['light', 'dark'].flatMap((colours) => ['desktop', 'phone'].map((screen) => `${moment}-${colours}-${screen}.png`)),
  );

  it('are all there, and no others', () => {
    expect(readdirSync(pictures).filter((name) => name.endsWith('.png')).sort()).toStrictEqual(names.sort());
  });

  it.each(names)('%s has its size, and can be loaded in a moment', (name) => {
    const bytes = readFileSync(path.join(pictures, name));
    expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
    const size = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    expect(size).toStrictEqual(name.endsWith('phone.png') ? [780, 1_688] : [1_280, 1_000]);
    expect(bytes.length).toBeLessThan(150_000);
  });
});
