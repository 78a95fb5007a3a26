/** Prints what 20,000 keys leave behind, in bytes, once a first thousand has made what is made once. */
import { EMPTY, NEVER, type Observable } from 'rxjs';
import { bulkhead, circuitBreaker } from '../../src/index.js';
import { perKey } from '../../src/registry/per-key.js';

let made = 0;
let completed = 0;
const perHost = perKey(
  (name) => {
    made++;
    const policy = made % 2 === 0 ? bulkhead(1, 0, { name }) : circuitBreaker({ name });
    const events$: Observable<unknown> = policy.events$;
    events$.subscribe({ complete: () => completed++ });
    return policy;
  },
  { maxKeys: 100 },
);
perHost.health$.subscribe();
perHost.events$.subscribe();
// One stays in flight all the time, and one kept pipe comes back now and then.
NEVER.pipe(perHost('in flight')).subscribe();
const kept = EMPTY.pipe(perHost('kept'));

function use(from: number, count: number): void {
  for (let i = from; i < from + count; i++) {
    EMPTY.pipe(perHost(`https://${i}.example/${'x'.repeat(100)}`)).subscribe();
    if (i % 1_000 === 0) kept.subscribe();
  }
}

function heap(): number {
  for (let i = 0; i < 3; i++) gc!();
  return process.memoryUsage().heapUsed;
}

use(0, 2_000);
const before = heap();
use(2_000, 20_000);
const grown = heap() - before;
console.log(JSON.stringify({ grown, size: perHost.size, left: made - completed }));
