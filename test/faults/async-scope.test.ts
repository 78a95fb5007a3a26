import { AsyncLocalStorage } from 'node:async_hooks';
import { Observable, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, constant, fallbackTo, fixedLimit, loadShed, loadShedder, retryWithBackoff } from 'rxjs-resilience';

const tenant = new AsyncLocalStorage<string>();
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Subscribes as a tenant, and notes as whom the source and the consumer run. */
function call(log: string[], name: string, pipe: (source: Observable<string>) => Observable<string>): void {
  const source = new Observable<string>((subscriber) => {
    log.push(`${name} runs as ${tenant.getStore()}`);
    subscriber.next(name);
    subscriber.complete();
  });
  tenant.run(name, () =>
    pipe(source).subscribe({
      next: () => log.push(`${name} hears as ${tenant.getStore()}`),
      error: () => log.push(`${name} fails as ${tenant.getStore()}`),
    }),
  );
}

describe('the async scope of who enqueued', () => {
  it('is that of a call let in by somebody else', () => {
    const pool = bulkhead(1, 2);
    const gate = new Subject<string>();
    const log: string[] = [];
    gate.pipe(pool).subscribe();
    call(log, 'a', pool);
    call(log, 'b', pool);
    tenant.run('other', () => gate.complete());
    expect(log).toStrictEqual(['a runs as a', 'a hears as a', 'b runs as b', 'b hears as b']);
  });

  it('is that of a call whose wait is over', async () => {
    const pool = bulkhead(1, { size: 2, timeout: 5 });
    const gate = new Subject<string>();
    const log: string[] = [];
    const running = gate.pipe(pool).subscribe();
    call(log, 'a', pool);
    call(log, 'b', pool);
    await sleep(60);
    running.unsubscribe();
    expect(log).toStrictEqual(['a fails as a', 'b fails as b']);
  });

  it('is that of a call displaced by a more important one', () => {
    const shedder = loadShedder({ limit: fixedLimit(1), queue: 1 });
    const gate = new Subject<string>();
    const log: string[] = [];
    gate.pipe(loadShed('critical', { shedder })).subscribe();
    call(log, 'a', loadShed('sheddable', { shedder }));
    call(log, 'b', loadShed('critical', { shedder }));
    expect(log).toStrictEqual(['a fails as a']);
    tenant.run('other', () => gate.complete());
    expect(log).toStrictEqual(['a fails as a', 'b runs as b', 'b hears as b']);
  });

  it('is that of retries and fallbacks', async () => {
    const log: string[] = [];
    let tries = 0;
    const unreliable = (source: Observable<string>): Observable<string> =>
      new Observable<string>((subscriber) => {
        log.push(`try as ${tenant.getStore()}`);
        if (tries++ < 3) subscriber.error(new Error('down'));
        else source.subscribe(subscriber);
      });
    call(log, 'a', (source) =>
      unreliable(source).pipe(retryWithBackoff(constant(1), { maxRetries: 1 }), fallbackTo(() => {
        log.push(`fallback as ${tenant.getStore()}`);
        return of('instead');
      })),
    );
    await sleep(60);
    expect(log).toStrictEqual(['try as a', 'try as a', 'fallback as a', 'a hears as a']);
  });
});
