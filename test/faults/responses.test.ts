import { defer, EMPTY, firstValueFrom, from, ignoreElements, lastValueFrom, NEVER, type Observable, of, switchMap, throwError, timer, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  attempt, bulkhead, circuitBreaker, constant, describeEvent, fallbackTo, fallbackToLast, fallbackToValue, isCircuitOpenError, lastValues, loadShed, loadShedder,
  retryWithBackoff, type RetryOptions, withDeadline,
} from '../../src/index.js';
import { fetch$ } from '../../src/fetch/index.js';
import { until, web } from '../fetch/servers.js';
import { RecordingLimit } from '../load-shed/recording-limit.js';
import { outcome, virtual } from '../virtual.js';

const answered = (status: number): Response => new Response(status === 304 ? null : 'body', { status });

/** Answers with each status in turn, and with the last one from then on. */
function answering(...statuses: number[]): { readonly call: Observable<Response>; readonly given: Response[] } {
  const given: Response[] = [];
  const call = attempt(() => {
    const response = answered(statuses[Math.min(given.length, statuses.length - 1)]!);
    given.push(response);
    return Promise.resolve(response);
  });
  return { call, given };
}

let made = 0;
const eager = (options: Omit<RetryOptions, 'backoff'> = {}) => retryWithBackoff(constant(0), { budget: false, name: `retry ${made++}`, ...options });

describe('a Response has the class of its status', () => {
  it.each([
    [503, 'failures'], [500, 'failures'], [429, 'failures'], [408, 'failures'],
    [404, 'successes'], [401, 'successes'], [304, 'successes'], [200, 'successes'],
  ] as const)('%i: one of the %s of a breaker', async (status, counter) => {
    const breaker = circuitBreaker({ name: `breaker ${status}` });
    expect((await firstValueFrom(answering(status).call.pipe(breaker))).status).toBe(status);
    expect(breaker.metrics()[counter]).toBe(1);
  });

  it.each([[503, 3], [429, 3], [404, 1], [302, 1], [200, 1]])('%i: tried %i times by a retry', async (status, tries) => {
    const { call, given } = answering(status);
    expect(await lastValueFrom(call.pipe(eager({ maxRetries: 2 })))).toBe(given.at(-1));
    expect(given).toHaveLength(tries);
  });

  it.each([[503, true], [404, false], [200, false]])('%i: answered by a fallback: %s', async (status, isAnswered) => {
    const fallback = fallbackToValue('instead');
    const value = await lastValueFrom(answering(status).call.pipe(fallback));
    expect(value === 'instead').toBe(isAnswered);
    expect(fallback.metrics().used).toBe(isAnswered ? 1 : 0);
  });

  it('opens a circuit, whose errors remember it without its body', async () => {
    const breaker = circuitBreaker({ failureThreshold: 1 });
    const first = await firstValueFrom(answering(503).call.pipe(breaker));
    const refused: unknown = await firstValueFrom(of(1).pipe(breaker)).catch((error: unknown) => error);
    expect(isCircuitOpenError(refused) && refused.cause).toStrictEqual({ status: 503, statusText: '', ok: false, url: '', headers: first.headers });
    expect(await first.text()).toBe('body');
  });

  it('keeps a circuit open for as long as it asks for', () => {
    const { scheduler } = virtual();
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 1_000, scheduler });
    outcome(of(new Response(null, { status: 503, headers: { 'retry-after': '60' } })).pipe(breaker));
    expect(breaker.snapshot().remaining).toBe(60_000);
  });

  it('makes a retry wait for as long as it asks for', () => {
    const { advance, scheduler } = virtual();
    let tries = 0;
    const call = defer(() => (tries++, of(new Response(null, { status: 503, headers: { 'retry-after': '2' } }))));
    outcome(call.pipe(eager({ maxRetries: 1, scheduler, random: () => 0 })));
    advance(1_999);
    expect(tries).toBe(1);
    advance(1);
    expect(tries).toBe(2);
  });

  it('is no failure where our own deadline is nearly over, and another service says so', () => {
    const { advance, scheduler } = virtual();
    const breaker = circuitBreaker({ failureThreshold: 1, scheduler });
    const late = defer(() => (advance(20), of(answered(504))));
    outcome(late.pipe(breaker, withDeadline(60, { scheduler })));
    expect(breaker.metrics()).toMatchObject({ failures: 0, ignored: 1 });
    outcome(late.pipe(breaker, withDeadline(100, { scheduler })));
    expect(breaker.metrics()).toMatchObject({ failures: 1, ignored: 1 });
  });

  it('is judged by classify, once it has failed', async () => {
    const seen: unknown[] = [];
    const classify = (error: unknown): 'permanent' => (seen.push((error as Response).status), 'permanent');
    const breaker = circuitBreaker({ classify });
    const { call, given } = answering(200, 503);
    const piped = call.pipe(breaker, eager({ classify }), fallbackToValue('instead', { classify }));
    expect((await lastValueFrom(piped)) as Response).toBe(given[0]);
    expect((await lastValueFrom(piped)) as Response).toBe(given[1]);
    expect(seen).toStrictEqual([503, 503, 503]);
    expect(breaker.metrics().successes).toBe(2);
  });

  it('gives no sample of latency to a limit where it has failed', async () => {
    const limit = new RecordingLimit(9);
    const shed = loadShed('critical', { shedder: loadShedder({ limit }) });
    await lastValueFrom(answering(500).call.pipe(shed));
    expect(limit.samples).toStrictEqual([]);
    await lastValueFrom(answering(503).call.pipe(shed));
    await lastValueFrom(answering(404).call.pipe(shed));
    expect(limit.samples).toHaveLength(2);
    expect(limit.samples[0]).toMatch(/dropped/);
  });
});

describe('what is judged by an option is judged by that alone', () => {
  it('isFailureValue, retryIfValue and when', async () => {
    const breaker = circuitBreaker({ isFailureValue: () => false });
    const { call, given } = answering(503);
    const value = await lastValueFrom(call.pipe(breaker, eager({ retryIfValue: () => false }), fallbackToValue('instead', { when: () => false })));
    expect(value).toBe(given[0]);
    expect(given).toHaveLength(1);
    expect(breaker.metrics()).toMatchObject({ successes: 1, failures: 0 });
  });

  it('a 404 that when wants to be answered', async () => {
    const asked: unknown[] = [];
    const when = (error: unknown): boolean => (asked.push(error), true);
    const { call, given } = answering(404, 200);
    expect(await lastValueFrom(call.pipe(fallbackToValue('instead', { when })))).toBe('instead');
    expect(await lastValueFrom(call.pipe(fallbackToValue('instead', { when })))).toBe(given[1]);
    expect(asked).toStrictEqual([given[0]]);
  });
});

describe('is no failed Response', () => {
  const like = (fields: object): object => ({ ok: false, status: 503, headers: new Headers(), ...fields });
  it.each<[string, unknown, number]>([
    ['a domain object that is not ok', { ok: false, reason: 'sold out' }, 1],
    ['one with a status of its own', { ok: false, status: 503 }, 1],
    ['one with a status in words', like({ status: 'gone' }), 1],
    ['an opaque response', like({ status: 0, type: 'opaque' }), 1],
    ['a redirect that nobody may read', like({ status: 0, type: 'opaqueredirect' }), 1],
    ['an accessor that throws', { get ok(): boolean { throw new Error('no'); } }, 1],
    ['a number', 503, 1],
    ['null', null, 1],
    ['one of Response.error()', like({ status: 0, type: 'error' }), 2],
    ['one by its shape', like({}), 2],
  ])('%s: tried', async (_title, value, tries) => {
    let n = 0;
    const source = defer(() => (n++, of(value)));
    expect(await lastValueFrom(source.pipe(eager({ maxRetries: 1 })))).toBe(value);
    expect(n).toBe(tries);
  });

  it('what comes after a first value', async () => {
    let tries = 0;
    const source = defer(() => (tries++, from<unknown[]>([1, answered(503)])));
    const breaker = circuitBreaker();
    await lastValueFrom(source.pipe(breaker, eager(), fallbackToValue('instead')));
    expect([tries, breaker.metrics().successes]).toStrictEqual([1, 1]);
  });
});

describe('a value for which an inner retry has given up is tried again by no outer one', () => {
  it.each([
    ['of the same list', (call: Observable<unknown>) => call.pipe(eager({ maxRetries: 2 }), eager({ maxRetries: 2 }))],
    ['with another operator between them', (call: Observable<unknown>) => call.pipe(eager({ maxRetries: 2 }), (source) => attempt(() => source), eager({ maxRetries: 2 }))],
  ])('%s', async (_title, around: (call: Observable<unknown>) => Observable<unknown>) => {
    const { call, given } = answering(503);
    expect(await lastValueFrom(around(call))).toBe(given[2]);
    expect(given).toHaveLength(3);
  });

  it('nor that of fetch$', async () => {
    const { arrived, origin } = await web((_, response) => {
      response.statusCode = 503;
      response.setHeader('retry-after', '0');
      response.end();
    });
    const { resiliencePipeline } = await import('../../src/index.js');
    const resilience = resiliencePipeline({ retry: { backoff: constant(1), maxRetries: 1 } }) as never;
    expect((await lastValueFrom(fetch$(origin, { resilience }).pipe(eager()))).status).toBe(503);
    expect(arrived).toHaveLength(2);
  });
});

describe('fallbackToLast refuses to keep what can be read once', () => {
  const said = /^fallbackToLast cannot keep a Response/;

  it('at the first one, and every policy has settled', async () => {
    const pool = bulkhead(1);
    const breaker = circuitBreaker();
    const { call, given } = answering(200);
    const piped = call.pipe(pool, breaker, fallbackToLast({ maxAge: 1_000 }));
    await expect(lastValueFrom(piped)).rejects.toThrow(TypeError);
    await expect(lastValueFrom(piped)).rejects.toThrow(said);
    expect(pool.active).toBe(0);
    expect(breaker.metrics()).toMatchObject({ calls: 2, successes: 2 });
    expect(given.map(({ bodyUsed }) => bodyUsed)).toStrictEqual([true, true]);
    const streamed = from([answered(200)]).pipe(pool, breaker, fallbackToLast({ maxAge: 1_000 }));
    await expect(lastValueFrom(streamed)).rejects.toThrow(said);
    expect(pool.active).toBe(0);
  });

  it('keeps what was read of it, and answers a failed one with that', async () => {
    const last = lastValues<unknown>({ maxAge: 1_000 });
    await lastValueFrom(answering(200).call.pipe(switchMap((response) => response.text()), fallbackToLast(last, 'a')));
    expect(await lastValueFrom(answering(503).call.pipe(fallbackToLast(last as never, 'a')) as Observable<unknown>)).toBe('body');
  });

  it('lets it pass where nothing is kept: without a key, in shadow mode and where it is disabled', async () => {
    const last = lastValues<Response>({ maxAge: 1_000 });
    for (const kept of [fallbackToLast(last, null), fallbackToLast(last, 'a', { mode: 'shadow' }), fallbackToLast(last, 'a', { mode: 'disabled' })]) {
      expect((await lastValueFrom(answering(200).call.pipe(kept))).status).toBe(200);
    }
    expect(last.size).toBe(0);
  });

  it('keeps what only looks like one and can be read for ever', async () => {
    const http = { ok: true, status: 200, headers: {}, body: { id: 1 } };
    const last = lastValues<object>({ maxAge: 1_000 });
    expect(await lastValueFrom(of(http).pipe(fallbackToLast(last, 'a')))).toBe(http);
    expect(last.size).toBe(1);
  });
});

describe('the body of a Response that nobody gets is cancelled', () => {
  const used = (responses: readonly Response[]): readonly boolean[] => responses.map(({ bodyUsed }) => bodyUsed);

  it('of one that a retry drops, and not of the last one', async () => {
    const { call, given } = answering(503);
    await lastValueFrom(call.pipe(eager({ maxRetries: 2 })));
    expect(used(given)).toStrictEqual([true, true, false]);
    const own = answering(200);
    await lastValueFrom(own.call.pipe(eager({ maxRetries: 1, retryIfValue: () => true })));
    expect(used(own.given)).toStrictEqual([true, false]);
  });

  it('also of one that was thrown', async () => {
    const { call, given } = answering(503);
    const thrown = call.pipe(switchMap((response) => throwError(() => response)));
    const failure: unknown = await lastValueFrom(thrown.pipe(circuitBreaker(), eager({ maxRetries: 1 }))).catch((error: unknown) => error);
    expect(failure).toBe(given[1]);
    expect(used(given)).toStrictEqual([true, false]);
    expect(await lastValueFrom(thrown.pipe(fallbackToValue('instead')))).toBe('instead');
    expect(used(given)).toStrictEqual([true, false, true]);
  });

  it('of one in whose place a fallback answers, if that has not begun to read it', async () => {
    const { call, given } = answering(503);
    expect(await lastValueFrom(call.pipe(fallbackToValue('instead')))).toBe('instead');
    expect(used(given)).toStrictEqual([true]);
    const read = fallbackTo((error) => (error as Response).text());
    expect(await lastValueFrom(call.pipe(read))).toBe('body');
  });

  it('of one that comes when the call is over, or runs on detached', async () => {
    const { advance, scheduler } = virtual();
    const late = [answered(200), answered(200), answered(503)];
    const settle: (() => void)[] = [];
    const source = (at: number): Observable<Response> => attempt(() => new Promise<Response>((resolve) => settle.push(() => resolve(late[at]!))));
    source(0).subscribe().unsubscribe();
    outcome(source(1).pipe(withDeadline({ within: 5, onExpire: 'detach' }, { scheduler })));
    outcome(source(2).pipe(withDeadline(5, { scheduler })));
    advance(5);
    for (const resolve of settle) resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(used(late)).toStrictEqual([true, true, true]);
  });

  it('nor where it cannot be: one that is being read, one that is locked, one that throws', async () => {
    const reading = answered(503);
    const locked = answered(503);
    const text = reading.text();
    locked.body!.getReader();
    const odd = { ok: false, status: 503, headers: {}, bodyUsed: false, body: { cancel: () => { throw new Error('no'); } } };
    const failing = { ...odd, body: { cancel: () => Promise.reject(new Error('failed')) } };
    for (const value of [reading, locked, odd, failing]) {
      expect(await lastValueFrom(of(value).pipe(fallbackToValue('instead')))).toBe('instead');
    }
    expect(await text).toBe('body');
  });

  it('so that its connection is free', async () => {
    const { open, origin } = await web((_, response, count) => {
      response.statusCode = count % 4 === 0 ? 200 : 503;
      response.end('x'.repeat(count % 4 === 0 ? 1 : 300_000));
    });
    const piped = attempt(({ signal }) => fetch(origin, { signal })).pipe(eager({ maxRetries: 3 }));
    for (let i = 0; i < 5; i++) expect(await (await firstValueFrom(piped)).text()).toBe('x');
    await until(() => open() <= 2);
  });
});

it('an event of a Response is described by its status', () => {
  const retry = eager({ maxRetries: 1, name: 'catalog' });
  const lines: string[] = [];
  retry.events$.subscribe((event) => lines.push(describeEvent(event)));
  outcome(of(answered(503)).pipe(retry));
  expect(lines).toStrictEqual(['catalog: try 1 of 2 failed (503), next in 0 ms', 'catalog: gave up after 2 tries: attempts (503)']);
});

it('sources without a value are no matter of it', async () => {
  expect(await lastValueFrom(EMPTY.pipe(eager(), fallbackToValue(1), toArray()))).toStrictEqual([]);
  NEVER.pipe(circuitBreaker()).subscribe().unsubscribe();
});

describe('a Response that a notifier decides about', () => {
  it.each<[string, () => Observable<unknown>, boolean]>([
    ['is delivered with its body where the notifier completes', () => EMPTY, true],
    ['is delivered with its body where the notifier completes later', () => timer(1).pipe(ignoreElements()), true],
    ['is cancelled where it is tried again', () => of(1), false],
    ['is cancelled where the notifier fails', () => throwError(() => 'own'), false],
  ])('%s', async (_title, notifier, kept) => {
    const { call, given } = answering(503, 200);
    const last = await lastValueFrom(call.pipe(retryWithBackoff(notifier, { budget: false }))).catch(() => undefined);
    expect(given[0]!.bodyUsed || given[0]!.body!.locked || (await given[0]!.text().catch(() => 'cancelled')) !== 'body').toBe(!kept);
    if (kept) expect(last).toBe(given[0]);
  });

  it('is cancelled with a call that is left meanwhile', async () => {
    const { call, given } = answering(503);
    const subscription = call.pipe(retryWithBackoff(() => NEVER, { budget: false })).subscribe();
    await new Promise((resolve) => setTimeout(resolve, 5));
    subscription.unsubscribe();
    await expect(given[0]!.text()).rejects.toThrow();
  });
});

describe('a Response of a promise that a fallback was given', () => {
  it('is cancelled where it comes when the call is over', async () => {
    const late = new Response('late');
    const slow = (): Promise<Response> => new Promise((resolve) => setTimeout(resolve, 20, late));
    await expect(firstValueFrom(throwError(() => new Error('down')).pipe(fallbackTo(slow), withDeadline(5)))).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await expect(late.text()).rejects.toThrow();
  });
});
