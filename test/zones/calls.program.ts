/* Prints in which zones calls go on, each brought on by an event of another zone. */
import { config, defer, map, mergeMap, NEVER, Observable, of, Subject, throwError, timer } from 'rxjs';
import {
  attempt, bulkhead, circuitBreaker, constant, fallbackTo, resiliencePipeline, retryWithBackoff, runInContext, withDeadline,
} from '../../src/index.js';
import { type Seen, sleep, zoneName, zoned } from './zone.ts';

const other = zoned('other');

/** Subscribes in a zone, and notes in which ones its source and its consumer run. */
function call(log: string[], zone: string, source: Observable<unknown>): void {
  zoned(zone)(() =>
    source.subscribe({
      next: () => log.push(`${zone} hears in ${zoneName()}`),
      error: () => log.push(`${zone} fails in ${zoneName()}`),
      complete: () => log.push(`${zone} ends in ${zoneName()}`),
    }),
  );
}

const made = (log: string[], zone: string, source: Observable<unknown> = of(1)): Observable<unknown> =>
  defer(() => {
    log.push(`${zone} is made in ${zoneName()}`);
    return source;
  });

const scenarios: Record<string, (log: string[]) => void | Promise<unknown>> = {
  'an expiry': async (log) => {
    const deadline = withDeadline(10);
    call(log, 'a', NEVER.pipe(map(String), deadline));
    call(log, 'b', NEVER.pipe(deadline));
    await sleep(60);
  },
  'a wait in a queue': async (log) => {
    const pool = bulkhead(1, { size: 3, timeout: 20 });
    const running = new Subject();
    running.pipe(pool).subscribe();
    call(log, 'a', made(log, 'a').pipe(pool));
    call(log, 'b', made(log, 'b', NEVER).pipe(pool));
    call(log, 'c', made(log, 'c').pipe(pool));
    other(() => running.complete());
    await sleep(80);
  },
  'a retry and a fallback after the failure of a shared source': async (log) => {
    const shared = new Subject();
    const guarded = (zone: string): Observable<unknown> =>
      made(log, zone, shared).pipe(
        retryWithBackoff(constant(5), {
          maxRetries: 1,
          retryIf: () => log.push(`${zone} decides in ${zoneName()}`) > 0,
        }),
        fallbackTo(() => made(log, zone)),
      );
    call(log, 'a', guarded('a'));
    other(() => shared.error(new Error('down')));
    await sleep(40);
  },
  'what a shared source emits to a breaker alone': (log) => {
    const shared = new Subject();
    call(log, 'a', shared.pipe(circuitBreaker()));
    other(() => shared.next(1));
    other(() => shared.complete());
  },
  'what a shared source emits': (log) => {
    const shared = new Subject();
    call(log, 'a', shared.pipe(retryWithBackoff()));
    other(() => shared.next(1));
    other(() => shared.complete());
  },
  'a value that is tried again': (log) => {
    const shared = [new Subject(), of(2)];
    let tries = 0;
    const retry = retryWithBackoff(constant(0), { retryIfValue: (value) => value === 1 });
    call(log, 'a', defer(() => made(log, 'a', shared[tries++]!)).pipe(retry));
    other(() => (shared[0] as Subject<number>).next(1));
  },
  'an abort of the signal of the context': (log) => {
    const controller = new AbortController();
    runInContext({ signal: controller.signal }, () => call(log, 'a', NEVER.pipe(resiliencePipeline({ name: 'p' }))));
    runInContext({ signal: controller.signal }, () => call(log, 'b', NEVER.pipe(withDeadline())));
    other(() => controller.abort());
  },
  'an abort of the signal of run': async (log) => {
    const controller = new AbortController();
    const work = (): Observable<never> => new Observable(() => () => log.push(`a is left in ${zoneName()}`));
    const run = (): Promise<unknown> => resiliencePipeline({ name: 'p' }).run(work, { signal: controller.signal });
    zoned('a')(() => void run().catch(() => log.push(`a fails in ${zoneName()}`)));
    other(() => controller.abort());
    await sleep(5);
  },
  'a promise': async (log) => {
    call(log, 'a', attempt(async () => (await sleep(2), 1)).pipe(withDeadline(50), retryWithBackoff()));
    await sleep(20);
  },
  'those who observe a breaker': async (log) => {
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 15 });
    const note = (what: string) => (): void => void log.push(`${what} in ${zoneName()}`);
    zoned('a')(() => breaker.state$.subscribe(note('state')));
    zoned('b')(() => breaker.health$.subscribe(note('health')));
    zoned('c')(() => breaker.events$.subscribe(({ type }) => note(type)()));
    log.length = 0;
    other(() => throwError(() => new Error('down')).pipe(breaker).subscribe({ error: () => undefined }));
    await sleep(60);
    breaker.dispose();
  },
};

config.onUnhandledError = (error) => {
  throw error;
};
const seen: Seen = {};
void timer(0).pipe(mergeMap(async () => {
  for (const [title, play] of Object.entries(scenarios)) await play((seen[title] = []));
  process.stdout.write(JSON.stringify(seen));
})).subscribe();
