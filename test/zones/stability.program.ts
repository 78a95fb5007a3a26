/* Prints whether work is left that Angular waits for: while the library waits for something, and once that is over. */
import '@angular/compiler';
import { NgZone } from '@angular/core';
import { NEVER, type Subscription, throwError } from 'rxjs';
import { injectCircuit, injectHealth } from '../../src/angular/index.js';
import { resilientFetch } from '../../src/fetch/index.js';
import {
  bulkhead, circuitBreaker, constant, healthBoard, healthCheck, policyRegistry, resiliencePipeline, retryBudget, retryWithBackoff,
  withDeadline,
} from '../../src/index.js';
import { answers, application, failing } from '../angular/application.ts';
import { sleep } from './zone.ts';

const zone = new NgZone({ enableLongStackTrace: false });
const outside = (ms: number): Promise<void> => zone.runOutsideAngular(() => sleep(ms));
const down = throwError(() => new Error('down'));
const ignored = { error: () => undefined };
const breaking = (name: string) => resiliencePipeline({ name, breaker: { failureThreshold: 1, breakDuration: 300 } });

/** Each begins something that takes longer than 100 ms, and returns what ends it. */
const scenarios: Record<string, () => Subscription | (() => void)> = {
  'a deadline': () => NEVER.pipe(withDeadline(300)).subscribe(ignored),
  'a queue': () => {
    const pool = bulkhead(1, { size: 1, timeout: 300 });
    const running = NEVER.pipe(pool).subscribe();
    return running.add(NEVER.pipe(pool).subscribe(ignored)) ?? running;
  },
  'an open breaker': () => {
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 300 });
    const observed = breaker.state$.subscribe();
    observed.add(breaker.health$.subscribe());
    down.pipe(breaker).subscribe(ignored);
    return observed;
  },
  'the health of a registry': () => {
    const registry = policyRegistry();
    const breaker = registry.register(circuitBreaker({ failureThreshold: 1, breakDuration: 300 }));
    const observed = registry.health$.subscribe();
    down.pipe(breaker).subscribe(ignored);
    return observed;
  },
  'a health check': () => healthCheck('check', () => true, { every: 300 }).subscribe(),
  'a health board': () => {
    const board = healthBoard({ ready: { check: healthCheck('check', () => NEVER, { every: 300, timeout: 300 }) } });
    const observed = board.ready$.subscribe();
    void board.read('ready').subscribe();
    return observed;
  },
  'a retry budget': () => {
    const retry = retryWithBackoff(constant(0), { budget: retryBudget({ burst: 1, minPerSecond: 1 }) });
    const observed = retry.health$.subscribe();
    down.pipe(retry).subscribe(ignored);
    return observed;
  },
  'signals of a key': () => {
    const app = application(answers(failing(503)), {
      resilience: { pipeline: breaking, key: ({ url }) => url },
      providers: [{ provide: NgZone, useValue: zone }],
    });
    app.within(() => [injectHealth('a'), injectCircuit('a')]);
    app.http.get('a').subscribe(ignored);
    return () => app.destroy();
  },
  'an answer that nobody reads': () => {
    const body = (): ReadableStream => new ReadableStream({ pull: () => new Promise(() => undefined) });
    const pipeline = (name: string) => resiliencePipeline({ name, retry: { maxRetries: 1, backoff: constant(0) } });
    let tries = 0;
    const fetch = resilientFetch({ fetch: () => Promise.resolve(new Response(body(), { status: tries++ === 0 ? 503 : 200 })), pipeline });
    void fetch('https://a.example');
    return () => undefined;
  },
  'a wait for the next try': () => down.pipe(retryWithBackoff(constant(300))).subscribe(ignored),
};

const seen: Record<string, boolean[]> = {};
for (const [title, begin] of Object.entries(scenarios)) {
  const running = zone.run(begin);
  await outside(100);
  const during = zone.hasPendingMacrotasks;
  zone.run(() => (typeof running === 'function' ? running() : running.unsubscribe()));
  await outside(5);
  seen[title] = [during, zone.hasPendingMacrotasks];
}
process.stdout.write(JSON.stringify(seen), () => process.exit());
