import { interval, type Observable } from 'rxjs';
import { attempt, circuitBreaker, healthBoard, healthCheck, heartbeat, retryWithBackoff, warmup } from 'rxjs-resilience';

declare const pool: { query(sql: string): Promise<unknown> };
declare const fillCache$: Observable<number>; // emits the share that is done
declare const consume: (after: () => void) => void; // takes a message from a queue, for ever

export const payments = circuitBreaker({ name: 'payments' });
const consumer = heartbeat('orders consumer', { within: 30_000 });

const billing = healthCheck('billing', () => attempt(({ signal }) => fetch('https://billing.example/ping', { signal })));
const db = healthCheck('db', () => pool.query('select 1'), { required: true });

export const board = healthBoard({
  startup: { cache: warmup('cache', fillCache$.pipe(retryWithBackoff())) },
  ready: { db, payments }, //        without the db no request can be served, without payments most can
  live: { consumer }, //             what a restart repairs
  deep: { db, payments, billing },
});

consume(() => consumer.beat());

// One standing subscription keeps the checks running; an endpoint then answers from what is known.
board.ready$.subscribe(({ status, details }) => console.log('ready', status, details));
process.once('SIGTERM', () => board.drain('SIGTERM'));

// For who asks now and then.
interval(60_000).subscribe(() => board.read('deep').subscribe(({ components }) => console.table(components)));
