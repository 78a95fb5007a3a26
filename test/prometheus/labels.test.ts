import { Registry } from 'prom-client';
import { of, throwError } from 'rxjs';
import { constant, policyRegistry, retryWithBackoff } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { describe, expect, it } from 'vitest';
import { attemptOf, causeOf, Causes, labelOf, PolicyLabels } from '../../src/metrics/metric-labels.js';
import { virtual } from '../virtual.js';
import { scrape } from './scrape.js';
import { run } from './shop.js';

describe('the cause of a retry', () => {
  it.each([
    [{ status: 503 }, '5xx'],
    [{ statusCode: 429 }, '4xx'],
    [{ response: { status: 500 }, code: 'ERR_BAD_RESPONSE' }, '5xx'],
    [{ status: 0 }, 'other'],
    [{ status: 0, code: 'ECONNRESET' }, 'ECONNRESET'],
    [{ code: 'A'.repeat(40) }, 'A'.repeat(40)],
    [{ code: 'A'.repeat(41) }, 'other'],
    [{ code: 'EAI_AGAIN\n' }, 'other'],
    [{ code: 'lower' }, 'other'],
    [{ code: '1ABC' }, 'other'],
    [{ code: 14, metadata: {} }, 'other'],
    [new Error('ECONNRESET'), 'other'],
    ['ECONNRESET', 'other'],
    [undefined, 'other'],
    [null, 'other'],
  ])('%o is %s', (error, cause) => {
    expect(causeOf(error)).toBe(cause);
  });

  it('is one of so many that came first, or other', () => {
    const causes = new Causes(2);
    expect(['A', 'B', 'C', 'A', 'D', 'B'].map((cause) => causes.bounded(cause))).toStrictEqual(['A', 'B', 'other', 'A', 'other', 'B']);
  });

  it('is bounded in a scrape, and counted on', async () => {
    const { advance, scheduler } = virtual();
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const retry = registry.register(retryWithBackoff(constant(1), { maxRetries: 1, budget: false, scheduler }));
    for (let n = 0; n < 100; n++) run(throwError(() => ({ code: `CODE_${n}` })).pipe(retry));
    advance(10);
    const seen = await scrape(register);
    expect(seen.series('resilience_retries_total').filter((series) => series.includes('scheduled'))).toHaveLength(21);
    expect(seen.value('resilience_retries_total', { policy: 'retry', result: 'scheduled', cause: 'other', attempt: '1' })).toBe(80);
  });

  it('of a value is its status, or that it was a value', async () => {
    const { advance, scheduler } = virtual();
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const retry = registry.register(retryWithBackoff(constant(1), { maxRetries: 5, retryIfValue: () => true, budget: false, scheduler }));
    for (const value of [{ status: 503 }, { code: 'NO_ERROR' }]) run(of(value).pipe(retry as never));
    advance(10);
    const series = (await scrape(register)).series('resilience_retries_total');
    const scheduled = series.filter((one) => one.includes('scheduled'));
    expect(scheduled).toStrictEqual(
      ['1', '2', '3', 'more'].flatMap((attempt) =>
        ['5xx', 'value'].map((cause) => `attempt=${attempt},cause=${cause},policy=retry,result=scheduled ${attempt === 'more' ? 2 : 1}`),
      ),
    );
  });
});

it('a number of a try is 1, 2, 3 or more', () => {
  expect([1, 2, 3, 4, 100, Infinity].map(attemptOf)).toStrictEqual(['1', '2', '3', 'more', 'more', 'more']);
});

it('a label is at most 200 characters, and well-formed', () => {
  expect(['a'.repeat(200), 'a'.repeat(201)].map((name) => labelOf(name).length)).toStrictEqual([200, 200]);
  expect(labelOf('\ud800a\udc00')).toBe('\uFFFDa\uFFFD');
});

it('a place for a name is free again when all who had it have left', () => {
  const labels = new PolicyLabels(1);
  expect([labels.take('a'), labels.take('a'), labels.take('b'), labels.take('other')]).toStrictEqual(['a', 'a', 'other', 'other']);
  labels.giveBack('other');
  labels.giveBack('a');
  expect(labels.take('b')).toBe('other');
  labels.giveBack('a');
  expect([labels.take('b'), labels.take('a')]).toStrictEqual(['b', 'other']);
});
