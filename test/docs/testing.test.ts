import { bulkhead, circuitBreaker } from 'rxjs-resilience';
import { failed, type MarbleHelpers, marbles, refused } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../thrown.js';
import { blocks, read } from './page.js';

const page = 'docs/testing.md';
const message = (body: (helpers: MarbleHelpers) => void): string => (thrownBy(marbles(body)) as Error).message;

const mismatch = message(({ outage, calls, expectObservable }) => {
  const payments = circuitBreaker({ failureThreshold: 2, breakDuration: 4, successThreshold: 1 });
  const api = outage({ from: 2, to: 6 }, '(a|)', '#');
  const results = calls('x-x-x-x-x|', () => api.pipe(payments));
  expectObservable(results).toBe('a-E-R-R-a|', { a: 'a', E: failed, R: refused });
});

const left = message(({ calls, expectObservable, hang }) => {
  const [pool, breaker] = [bulkhead(2, { size: 5, timeout: Infinity }, { name: 'pool' }), circuitBreaker({ name: 'payments' })];
  expectObservable(calls('xxx', () => hang().pipe(pool, breaker))).toBe('-');
});

describe('docs/testing.md', () => {
  it('shows failures as they are', () => {
    expect(blocks(page, 'text').map((block) => block.trimEnd())).toStrictEqual([mismatch, left]);
  });

  it('names everything that the entry exports', async () => {
    const names = Object.keys(await import('rxjs-resilience/testing'));
    expect(names.filter((name) => !read(page).includes(`\`${name}`) && !read(page).includes(`${name}(`))).toStrictEqual([]);
  });
});
