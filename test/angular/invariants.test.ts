import '@angular/compiler';
import fc from 'fast-check';
import { NEVER, type Observable } from 'rxjs';
import type { HttpEvent } from '@angular/common/http';
import { describe, it, expect } from 'vitest';
import { withResilience } from '../../src/angular/index.js';
import { priorities } from '../../src/core/priority.js';
import { constant, resiliencePipeline } from '../../src/index.js';
import { Backend, failing, ok } from './application.js';
import { inTime, type Watched } from './in-time.js';
import { Page } from './page.js';

const runs = { numRuns: Number(process.env['RESILIENCE_RUNS'] ?? 300) };

interface Asked {
  readonly at: number;
  readonly leaves: number | null;
  readonly method: string;
  readonly key: string;
  readonly deadline: number | undefined;
  readonly priority: (typeof priorities)[number] | undefined;
}

/** What the backend does with each request, in turn. */
type Deed = { readonly does: 'answer' | 'fail' | 'refuse' | 'hang'; readonly after: number };

const asked = fc.record<Asked>({
  at: fc.nat(300),
  leaves: fc.option(fc.nat(200)),
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  key: fc.constantFrom('a', 'b', 'c'),
  deadline: fc.option(fc.nat(150), { nil: undefined }),
  priority: fc.option(fc.constantFrom(...priorities), { nil: undefined }),
});
const deed = fc.record<Deed>({ does: fc.constantFrom('answer', 'fail', 'refuse', 'hang'), after: fc.nat(60) });

describe('whatever happens', () => {
  it('each request ends once, and nothing of it is left', () => {
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 12 }), fc.array(deed, { minLength: 1, maxLength: 10 }), fc.array(fc.nat(500), { maxLength: 5 }), play),
      runs,
    );
  });
});

function play(requests: readonly Asked[], deeds: readonly Deed[], switches: readonly number[]): void {
  inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const sent = new Map<string, number>();
    const pipelines = new Map<string, ReturnType<typeof pipelineOf>>();
    const backend = new Backend((request, count) => {
      sent.set(request.url, (sent.get(request.url) ?? 0) + 1);
      return page.defaultView.navigator.onLine ? done(deeds[count % deeds.length]!) : failing(0, {}, count % 2);
    });
    const keep = (name: string) => {
      const made = pipelineOf(name);
      pipelines.set(`${name} ${pipelines.size}`, made);
      return made;
    };
    const { http } = app(backend, { page, resilience: { pipeline: keep, maxKeys: 1 } });
    const seen: Watched[] = [];
    requests.forEach(({ at: start, deadline, key, leaves, method, priority }, i) =>
      at(start, () => {
        const context = withResilience({ deadline, key, priority });
        const watched = (seen[i] = watch(http.request(method, `/${method}/${i}`, { context, observe: 'response' })));
        if (leaves !== null) at(leaves, () => watched.subscription.unsubscribe());
      }),
    );
    let online = true;
    for (const ms of [...switches].sort((a, b) => a - b)) {
      at(ms, () => {
        online = !online;
        if (online) page.goOnline();
        else page.goOffline();
      });
    }
    at(2_000, () => page.goOnline());
    flush();

    expect([backend.active, page.listeners]).toStrictEqual([0, 0]);
    for (const { error, log, subscription, values } of seen) {
      expect(subscription.closed).toBe(true);
      const ends = log.filter((entry) => / (\||!)/.test(entry)).length;
      expect(ends).toBeLessThanOrEqual(1);
      expect(values.length).toBeLessThanOrEqual(1);
      if (error !== undefined) expect(values).toStrictEqual([]);
    }
    for (const [url, count] of sent) expect(url.startsWith('/POST') ? count <= 1 : count > 0).toBe(true);
    for (const { metrics, parts } of pipelines.values()) {
      const { abandoned, calls, failures, ignored, late, refused, successes } = metrics().breaker;
      expect(abandoned + failures + ignored + late + refused + successes).toBe(calls);
      expect([parts.bulkhead.active, parts.bulkhead.queued]).toStrictEqual([0, 0]);
    }
  })();
}

function pipelineOf(name: string) {
  return resiliencePipeline({
    name,
    deadline: 400,
    attemptDeadline: 80,
    retry: { backoff: constant(7), maxRetries: 2 },
    breaker: { failureThreshold: 3, breakDuration: 40, successThreshold: 1 },
    bulkhead: { maxConcurrent: 2, queue: { size: 2, order: 'priority' } },
  });
}

function done({ after, does }: Deed): Observable<HttpEvent<unknown>> {
  if (does === 'answer') return ok('body', after);
  if (does === 'hang') return NEVER;
  return failing(does === 'fail' ? 503 : 404, {}, after);
}
