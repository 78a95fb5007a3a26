/* Prints how many asynchronous resources of the library are left, of how many, once calls are over and collected. */
import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEVER, Observable, of, throwError, timer } from 'rxjs';
import {
  attempt, bulkhead, constant, fallbackTo, healthCheck, resiliencePipeline, retryWithBackoff, runInContext, standardPipeline, withDeadline,
} from '../../src/index.js';
import { resilientFetch } from '../../src/fetch/index.js';

const alive = new Set<number>();
let made = 0;
createHook({
  init: (id, type) => {
    if (type !== 'RXJS_RESILIENCE') return;
    made++;
    alive.add(id);
  },
  destroy: (id) => void alive.delete(id),
}).enable();

const pipeline = standardPipeline({ name: 'p', bulkhead: { maxConcurrent: 2, queue: 1_000 } });
const pool = bulkhead(1, { size: 1, timeout: 5 });
const fetch = resilientFetch({ fetch: async () => new Response('x'), pipeline: (name) => resiliencePipeline({ name, retry: {} }) });
const down = timer(1).pipe(() => new Observable((subscriber) => timer(1).subscribe(() => subscriber.error(new Error('down')))));
const { signal } = new AbortController();
const ignored = { error: () => undefined };

/** Everything that keeps the scope of a call or of what it makes. */
function calls(): void {
  void pipeline.run(async () => sleep(1), { signal });
  NEVER.pipe(withDeadline(5)).subscribe(ignored);
  down.pipe(retryWithBackoff(constant(1), { maxRetries: 1 }), fallbackTo(() => of(1))).subscribe(ignored);
  runInContext({ signal }, () => attempt(() => sleep(1)).pipe(withDeadline()).subscribe());
  for (let i = 0; i < 2; i++) timer(1).pipe(pool).subscribe(ignored);
  void fetch('https://a.example', { signal }).then((response) => response.text());
  healthCheck('check', () => throwError(() => new Error('down'))).subscribe().unsubscribe();
}

for (let i = 0; i < 200; i++) {
  calls();
  if (i % 20 === 0) await sleep(5);
}
// Calls still wait in the queue for a while.
for (let i = 0; i < 100 && alive.size >= 50; i++) {
  await sleep(50);
  (globalThis as { gc?: () => void }).gc!();
}
await sleep(50);
process.stdout.write(JSON.stringify({ left: alive.size, made }), () => process.exit());
