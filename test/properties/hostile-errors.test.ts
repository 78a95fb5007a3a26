import '@angular/compiler';
import * as fc from 'fast-check';
import { Observable, of, type OperatorFunction, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isHttpStatusError } from 'rxjs-resilience/fetch';
import { resilienceErrors } from 'rxjs-resilience/node';
import { isCausedBy } from '../../src/core/find-error.js';
import { isFailure } from '../../src/core/classify.js';
import { saysTooLate } from '../../src/core/http-status.js';
import { retryAfterOf } from '../../src/core/retry-after.js';
import { toHttpResponse } from '../../src/http/to-http-response.js';
import {
  bulkhead, circuitBreaker, classify, constant, describeEvent, fallbackTo, fallbackToLast, fixedLimit, httpStatusOf, isBulkheadFullError, isCircuitOpenError,
  isDeadlineExceededError, isLoadShedError, isRejectedError, isResilienceError, isRetryExhaustedError, isTransient, loadShed, loadShedder, type Policy,
  policyRegistry, resiliencePipeline, retryWithBackoff, vegasLimit, withDeadline,
} from '../../src/index.js';
import { causeOfRetry } from '../../src/metrics/metric-events.js';
import { causeOf } from '../../src/metrics/metric-labels.js';
import { asAnswer, asShown, isHttpException } from '../../src/nestjs/handler-errors.js';
import { messageOf } from '../../src/nestjs/message-error.js';
import { ResilienceFilter } from '../../src/nestjs/resilience-filter.js';
import { asHttpError } from '../../src/angular/http-error.js';
import { isUnanswered } from '../../src/angular/network.js';
import { codeOf, plainDetails } from '../../src/node/health-view.js';
import { eventMessage } from '../../src/node/stream-text.js';
import { failed } from '../../src/testing/matches.js';
import { abortErrorOf } from '../../src/operator/abort-reason.js';
import { collectReported } from '../reported.js';
import { hostileError } from '../hostile.js';

const runs = { numRuns: Number(process.env['RESILIENCE_RUNS'] ?? 200) };
const reported = collectReported();
const signalOf = (reason: unknown): AbortSignal => AbortSignal.abort(reason);

/** What Nest asks whether the filter is for an error. */
const [forNest] = Reflect.getMetadata('__filterCatchExceptions__', ResilienceFilter) as [never];

/** Everything of ours that looks at an error which foreign code has made. */
const readers: readonly ((error: unknown) => unknown)[] = [
  ...[isBulkheadFullError, isCircuitOpenError, isDeadlineExceededError, isLoadShedError, isRejectedError, isResilienceError, isRetryExhaustedError],
  ...[isTransient, httpStatusOf, saysTooLate, toHttpResponse, causeOf, codeOf, plainDetails, isHttpStatusError],
  ...[isHttpException, messageOf, isUnanswered],
  (error) => error instanceof forNest,
  (error) => asHttpError(error, '/'),
  (error) => isFailure('permanent', error),
  (error) => isCausedBy(error, new Error('another')),
  (error) => retryAfterOf(error, { now: () => 0 }),
  (error) => causeOfRetry({ error }),
  (error) => causeOfRetry({ value: error }),
  (error) => asShown(error, signalOf(new Error('left'))),
  (error) => failed.asymmetricMatch(error),
  (error) => abortErrorOf(signalOf(error)),
  (error) => describeEvent({ type: 'failed', policy: 'p', kind: 'circuitBreaker', at: 0, error } as never),
  (error) => JSON.stringify(eventMessage({ type: 'opened', policy: 'p', kind: 'circuitBreaker', at: 0, cause: error } as never)),
];

/** A name for each run: so many policies of one name are reported. */
let made = 0;

/** One of each, and what it holds when no call runs. */
function policies(): readonly (readonly [Policy & OperatorFunction<unknown, unknown>, Record<string, unknown>])[] {
  const name = `p${++made}`;
  const common = { name };
  return [
    [circuitBreaker({ failureThreshold: 1e9, ...common }), { calls: 1 }],
    [retryWithBackoff(constant(0), { maxRetries: 1, maxRetryAfter: 0, budget: false, ...common }), { calls: 1 }],
    [bulkhead(1, 1, common), { active: 0, queued: 0 }],
    [withDeadline(1_000, common), { calls: 1 }],
    [withDeadline({ within: 1_000, onExpire: 'detach' }, common), { calls: 1 }],
    [loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1) }), ...common }), { inFlight: 0 }],
    [loadShed('critical', { shedder: loadShedder({ limit: vegasLimit() }), ...common }), { inFlight: 0 }],
    [fallbackTo(() => of('instead'), { when: () => false, ...common }), { used: 0 }],
    [fallbackToLast({ maxAge: 1_000, ...common }), { used: 0 }],
  ] as never;
}

describe('an error that throws wherever it is looked at', () => {
  it('stays the error of its call through every policy, and nothing leaks', () => {
    fc.assert(
      fc.property(hostileError, fc.boolean(), (make, late) => {
        const error = make();
        for (const [policy, idle] of policies()) {
          const told: string[] = [];
          policy.events$.subscribe((event) => told.push(describeEvent(event)));
          let fail = (): void => {};
          let subscriptions = 0;
          const source = new Observable((subscriber) => {
            subscriptions++;
            fail = () => subscriber.error(error);
            if (!late) fail();
            return () => subscriptions--;
          });
          const seen: unknown[] = [];
          source.pipe(policy).subscribe({ error: (thrown: unknown) => seen.push(thrown) });
          for (let tries = 0; late && seen.length === 0 && tries < 2; tries++) fail();
          expect([policy.kind, seen.length, seen[0] === error, subscriptions]).toStrictEqual([policy.kind, 1, true, 0]);
          expect(policy.metrics()).toMatchObject(idle);
          policy.dispose();
        }
        expect(reported).toStrictEqual([]);
      }),
      runs,
    );
  });

  it('stays the error of a whole pipeline, behind which is a registry that is listened to', async () => {
    await fc.assert(
      fc.asyncProperty(hostileError, async (make) => {
        const error = make();
        const pipeline = resiliencePipeline({
          ...{ name: `p${++made}`, deadline: 1_000, attemptDeadline: 500, bulkhead: { maxConcurrent: 1 }, shed: 'critical' },
          ...{ retry: { backoff: constant(0), maxRetries: 1, maxRetryAfter: 0 }, breaker: { failureThreshold: 1e9 } },
        });
        const registry = policyRegistry();
        registry.register(pipeline);
        registry.events$.subscribe((event) => describeEvent(event));
        const thrown: unknown = await pipeline.run(() => throwError(() => error)).catch((one: unknown) => ({ one }));
        expect((thrown as { one: unknown }).one === error).toBe(true);
        expect(pipeline.parts.bulkhead.active).toBe(0);
        registry.dispose();
      }),
      { numRuns: runs.numRuns / 4 },
    );
  });

  it('is read by nothing that throws', () => {
    const classes = ['transient', 'permanent', 'refused', 'aborted', 'bug'];
    fc.assert(
      fc.property(hostileError, (make) => {
        const error = make();
        expect(classes).toContain(classify(error));
        // Each sees it for the first time.
        for (const read of readers) read(make());
        expect(isCausedBy(error, error)).toBe(true);
        expect(asAnswer(error) === error).toBe(true);
        let handed: unknown;
        resilienceErrors()(error, {} as never, { headersSent: true } as never, (next) => (handed = next));
        expect(handed === error).toBe(true);
      }),
      runs,
    );
  });
});
