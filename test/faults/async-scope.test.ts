import { AsyncLocalStorage } from 'node:async_hooks';
import { defer, map, NEVER, Observable, of, share, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  attempt, bulkhead, circuitBreaker, constant, fallbackTo, fallbackToLast, fixedLimit, healthCheck, loadShed, loadShedder, resiliencePipeline,
  retryWithBackoff, runInContext, withDeadline,
} from 'rxjs-resilience';
import { Hand } from '../hand.js';

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

describe('the async scope of a call that an event of another one continues', () => {
  const as = (who: string) => <T>(work: () => T): T => tenant.run(who, work);
  const store = (): string => String(tenant.getStore());

  it.each([
    ['joined with its source', (source: Observable<unknown>) => source],
    ['behind an operator of RxJS', (source: Observable<unknown>) => source.pipe(map((value) => value))],
  ])('is its own in each callback, try and event after the failure of a shared source (%s)', async (_title, between) => {
    const log: string[] = [];
    const note = (what: string): void => void log.push(`${what} as ${store()}`);
    const shared = new Subject();
    const retry = retryWithBackoff(() => (note('delay'), 1), { maxRetries: 1, retryIf: () => (note('retryIf'), true) });
    const fallback = fallbackTo(() => (note('answer'), of(1)), { when: () => (note('when'), true) });
    retry.events$.subscribe(({ type }) => note(type));
    fallback.events$.subscribe(({ type }) => note(type));
    const source = defer(() => (note('try'), shared));
    as('a')(() => between(source.pipe(retry)).pipe(fallback).subscribe({ next: () => note('value'), complete: () => note('end') }));
    as('other')(() => shared.error(new Error('down')));
    await sleep(30);
    expect(log).toStrictEqual(
      [
        ...['try', 'retryIf', 'delay', 'scheduled', 'try', 'retryIf', 'exhausted'],
        ...['when', 'answer', 'used', 'value', 'end'],
      ].map((what) => `${what} as a`),
    );
  });

  it('is its own where a second caller shares the try of the first', async () => {
    const log: string[] = [];
    const failing = new Subject();
    const shared = failing.pipe(share({ resetOnError: false }));
    for (const who of ['a', 'b']) {
      const source = defer(() => (log.push(`${who} tries as ${store()}`), shared));
      call(log, who, () => source.pipe(retryWithBackoff(constant(0), { maxRetries: 1 }), fallbackTo(() => of('instead'))) as Observable<string>);
    }
    as('other')(() => failing.error(new Error('down')));
    await sleep(10);
    for (const who of ['a', 'b']) {
      const own = log.filter((line) => line.startsWith(who));
      expect(own).toStrictEqual([`${who} tries as ${who}`, `${who} tries as ${who}`, `${who} hears as ${who}`]);
    }
  });

  it('is its own where values are judged and a poor one is tried again', () => {
    const log: string[] = [];
    const poor = new Subject<string>();
    const sources = [poor, of('good')];
    const retry = retryWithBackoff(constant(0), {
      retryIfValue: (value) => (log.push(`judged as ${store()}`), value === 'poor'),
    });
    call(log, 'a', () => defer(() => (log.push(`try as ${store()}`), sources.shift()!)).pipe(retry));
    as('other')(() => poor.next('poor'));
    expect(log).toStrictEqual(['try as a', 'judged as a', 'try as a', 'judged as a', 'a hears as a']);
  });

  it('is its own where a call of somebody else is just being subscribed', () => {
    const log: string[] = [];
    const poor = new Subject<string>();
    const tries = [poor, of('again')];
    const retry = retryWithBackoff(constant(0), { maxRetries: 1 });
    call(log, 'a', () => defer(() => (log.push(`try as ${store()}`), tries.shift()!)).pipe(retry));
    // The failure comes while the call of another tenant subscribes, and the next try waits until that has returned.
    const other = defer(() => (poor.error(new Error('down')), NEVER)).pipe(circuitBreaker());
    as('other')(() => other.subscribe().unsubscribe());
    expect(log).toStrictEqual(['try as a', 'try as a', 'a hears as a']);
  });

  it('is its own where a deadline that is shared by all expires, and in what that brings about', () => {
    const log: string[] = [];
    const hand = new Hand();
    const deadline = withDeadline(5, { scheduler: hand });
    deadline.events$.subscribe(({ type }) => log.push(`${type} as ${store()}`));
    for (const who of ['a', 'b']) {
      const source = defer(() => (log.push(`${who} tries as ${store()}`), NEVER as Observable<string>));
      call(log, who, () => source.pipe(deadline, retryWithBackoff(constant(0), { maxRetries: 1 })));
    }
    as('other')(() => hand.run(30));
    for (const who of ['a', 'b']) {
      const own = log.filter((line) => line.startsWith(who));
      expect(own).toStrictEqual([`${who} tries as ${who}`, `${who} tries as ${who}`, `${who} fails as ${who}`]);
    }
    expect(log.filter((line) => line.startsWith('expired'))).toStrictEqual(['expired as a', 'expired as b', 'expired as a', 'expired as b']);
  });

  it('is its own when a source that was let go has ended, and when a fallback fails', () => {
    const log: string[] = [];
    const fallback = fallbackTo(() => later);
    const later = new Subject<string>();
    fallback.events$.subscribe(({ type }) => log.push(`${type} as ${store()}`));
    const first = new Subject<string>();
    call(log, 'a', () => first.pipe(fallback));
    as('other')(() => first.error(new Error('down')));
    as('other')(() => later.error(new Error('down as well')));
    expect(log).toStrictEqual(['used as a', 'failed as a', 'a fails as a']);
  });

  it('is its own where the last value answers', () => {
    const log: string[] = [];
    const tries = [of('kept'), new Subject<string>()];
    const kept = defer(() => tries.shift()!).pipe(fallbackToLast({ maxAge: 1_000 }));
    const [, failing] = tries;
    kept.subscribe();
    call(log, 'a', () => kept);
    as('other')(() => (failing as Subject<string>).error(new Error('down')));
    expect(log).toStrictEqual(['a hears as a']);
  });

  it('is its own where a signal aborts', async () => {
    const log: string[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    runInContext({ signal }, () => call(log, 'a', () => (NEVER as Observable<string>).pipe(resiliencePipeline({ name: 'p' }))));
    runInContext({ signal }, () => call(log, 'b', () => (NEVER as Observable<string>).pipe(withDeadline())));
    const left = (): Observable<never> => new Observable(() => () => void log.push(`c is left as ${store()}`));
    as('c')(() => void resiliencePipeline({ name: 'p' }).run(left, { signal }).catch(() => log.push(`c fails as ${store()}`)));
    as('other')(() => controller.abort());
    await sleep(0);
    expect(log).toStrictEqual(['a fails as a', 'b fails as b', 'c is left as c', 'c fails as c']);
  });

  it('is that in which a health check was made, where a probe of it is given up', () => {
    const log: string[] = [];
    const hand = new Hand();
    const probe = (): Observable<never> => new Observable(() => () => void log.push(`left as ${store()}`));
    const check = as('maker')(() => healthCheck('check', probe, { every: 1_000, timeout: 10, scheduler: hand }));
    const observed = check.subscribe();
    as('other')(() => hand.run(20));
    expect(log).toStrictEqual(['left as maker']);
    observed.unsubscribe();
  });

  it('is left alone where the call ends while it is subscribed', () => {
    const log: string[] = [];
    call(log, 'a', () => attempt(() => of('now')).pipe(retryWithBackoff(), fallbackTo(() => of('instead'))));
    expect(log).toStrictEqual(['a hears as a']);
  });
});

describe('a fallback for a Response', () => {
  it('runs in the scope of its own call, as one for an error does', () => {
    const shared = new Subject<Response>();
    const seen: (string | undefined)[] = [];
    const note = (): Observable<Response> => (seen.push(tenant.getStore()), of(new Response('instead')));
    tenant.run('a', () => shared.pipe(fallbackTo(note, { when: () => seen.push(tenant.getStore()) > 0 })).subscribe());
    tenant.run('b', () => shared.next(new Response('busy', { status: 503 })));
    expect(seen).toStrictEqual(['a', 'a']);
  });
});
