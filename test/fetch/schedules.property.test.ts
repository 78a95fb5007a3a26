import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { bulkhead, circuitBreaker, constant, resiliencePipeline } from '../../src/index.js';

const long = process.env['RESILIENCE_RUNS'] !== undefined;

/** What one try comes to, and after how many milliseconds. */
const outcome = fc.record({
  is: fc.constantFrom('200', '204', '503', '404', 'reject', 'hang', 'deaf'),
  after: fc.nat(3),
});
const call = fc.record({
  tries: fc.array(outcome, { minLength: 1, maxLength: 4 }),
  method: fc.constantFrom('GET', 'POST'),
  leaves: fc.option(fc.nat(6), { nil: undefined }),
  then: fc.constantFrom('read', 'cancel', 'leave'),
});
const setup = fc.record({
  until: fc.constantFrom('head' as const, 'body' as const),
  throwOnStatus: fc.boolean(),
  fallback: fc.constantFrom('none', 'now', 'later'),
  calls: fc.array(call, { minLength: 1, maxLength: 6 }),
});

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('whatever comes of requests, nothing is held in the end', { timeout: long ? 600_000 : 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(setup, async ({ until, throwOnStatus, fallback, calls }) => {
      const pool = bulkhead(2, 10, { name: 'pool' });
      const breaker = circuitBreaker({ name: 'breaker', failureThreshold: 4, breakDuration: 5 });
      const made: Response[] = [];
      const given = new Set<Response>();
      let ended = 0;
      let sending = 0;
      /** A body that is ten chunks, and tells whether it was read or cancelled. */
      const body = () => {
        let left = 10;
        return new ReadableStream({
          pull: async (controller) => {
            await later(0);
            if (left-- > 0) controller.enqueue(new Uint8Array(100));
            else {
              controller.close();
              ended++;
            }
          },
          cancel: () => void ended++,
        }, { highWaterMark: 0 });
      };
      const instead = { none: undefined, now: () => [new Response('now')], later: () => later(1).then(() => new Response('later')) }[fallback];
      const pipeline = () =>
        resiliencePipeline({
          name: 'p', bulkhead: pool, breaker, attemptDeadline: 12, deadline: 40, retry: { backoff: constant(2), maxRetries: 2 },
          ...(instead !== undefined && { fallback: instead as () => Response[] }),
        });
      const scripts = new Map(calls.map(({ tries }, i) => [`https://a.example/${i}`, [...tries]]));
      const send = async (url: string, init: RequestInit): Promise<Response> => {
        const { is, after } = scripts.get(url)!.shift() ?? { is: '200', after: 0 };
        await later(is === 'deaf' ? 20 : after);
        // One that is deaf answers though it was aborted.
        if (is !== 'deaf') init.signal!.throwIfAborted();
        if (is === 'reject') throw new TypeError('fetch failed');
        if (is === 'hang') return new Promise((_, reject) => init.signal!.addEventListener('abort', () => reject(init.signal!.reason)));
        const status = is === 'deaf' ? 200 : Number(is);
        const response = new Response(status === 204 ? null : body(), { status });
        if (status !== 204) made.push(response);
        return response;
      };
      const shared = new AbortController();
      const fetch = resilientFetch({ until, throwOnStatus, pipeline: pipeline as never, fetch: ((...sent: [string, RequestInit]) => (sending++, send(...sent).finally(() => sending--))) as never });
      await Promise.all(
        calls.map(async ({ method, leaves, then }, i) => {
          const own = new AbortController();
          const { signal } = leaves === undefined ? shared : own;
          if (leaves !== undefined) setTimeout(() => own.abort('left'), leaves);
          const answer = await fetch(`https://a.example/${i}`, { method, signal }).catch((error: unknown) => error);
          const response = answer instanceof Response ? answer : (answer as { response?: Response }).response;
          if (response === undefined) return;
          given.add(response);
          if (then === 'read') await response.arrayBuffer().catch(() => {});
          else if (then === 'cancel') await response.body?.cancel().catch(() => {});
          else await later(1);
          if (then === 'leave') await response.body?.cancel().catch(() => {});
          expect(getEventListeners(own.signal, 'abort').length).toBeLessThanOrEqual(1);
        }),
      );
      await expect.poll(() => [pool.active, pool.queued, sending, made.length - ended]).toStrictEqual([0, 0, 0, 0]);
      const { calls: all, successes, failures, ignored, abandoned, late: tooLate, refused } = breaker.metrics();
      expect(successes + failures + ignored + abandoned + tooLate + refused).toBe(all);
    }),
    { numRuns: long ? 2_000 : 60 },
  );
});
