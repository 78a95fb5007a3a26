import { asapScheduler, asyncScheduler, catchError, mergeMap, NEVER, type Observable, observeOn, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import {
  attempt, circuitBreaker, type CircuitBreaker, type CircuitBreakerOptions, currentContext, Deadline, loadShed, loadShedder, outgoingHeaders,
  resiliencePipeline, retryWithBackoff, runInContext, slowCallRate, standardPipeline, tokenBudget, vegasLimit, withDeadline,
} from '../../src/index.js';
import { deadlineMiddleware, resilienceErrors } from '../../src/node/index.js';
import { ask, serve } from './sockets.js';

const hangs = attempt(() => NEVER);
const strict: CircuitBreakerOptions = { name: 'db', failureThreshold: 3 };
const deadline = deadlineMiddleware();

type Protect = (breaker: CircuitBreaker) => void;
type Counted = Pick<ReturnType<CircuitBreaker['metrics']>, 'failures' | 'ignored'> & { readonly state: string };

/** Twenty requests at once with `left` milliseconds, against a dependency that hangs; what the breaker made of them. */
function askedWith(left: number | undefined, protect: Protect, middleware = deadline, settings: CircuitBreakerOptions = strict): Counted {
  let result: Counted | undefined;
  new TestScheduler(() => undefined).run(({ flush }) => {
    const breaker = circuitBreaker(settings);
    const headers = left === undefined ? {} : { 'x-request-timeout-ms': String(left) };
    for (let i = 0; i < 20; i++) middleware({ method: 'POST', headers } as never, {} as never, () => protect(breaker));
    flush();
    const { failures, ignored } = breaker.metrics();
    result = { state: breaker.state, failures, ignored };
  });
  return result!;
}

const ignore = { error: () => undefined };
const run = (source: Observable<unknown>): void => void source.subscribe(ignore);

const inside: Protect = (breaker) => run(hangs.pipe(breaker, withDeadline()));
const outside: Protect = (breaker) => run(hangs.pipe(withDeadline(), breaker));
const ofPart: Protect = (breaker) => run(hangs.pipe(withDeadline({ share: 0.9 }), breaker));
const ofRest: Protect = (breaker) => run(hangs.pipe(withDeadline({ reserve: 10 }), breaker, withDeadline()));
const asObject: Protect = (breaker) => run(hangs.pipe(breaker, withDeadline(currentContext().deadline!)));
const asChild: Protect = (breaker) => run(hangs.pipe(withDeadline(currentContext().deadline!.child({ share: 0.9 })), breaker));
const inContext: Protect = (breaker) => runInContext({ priority: 'sheddable' }, () => inside(breaker));
const aroundEachTry: Protect = (breaker) => run(hangs.pipe(withDeadline(800), breaker, withDeadline()));
const aroundTheWhole: Protect = (breaker) => run(hangs.pipe(breaker, withDeadline(20_000)));
const further: Protect = (breaker) => run(hangs.pipe(withDeadline(20_000), observeOn(asapScheduler), breaker));
const inPipeline: Protect = (breaker) => run(hangs.pipe(resiliencePipeline({ name: 'db', deadline: 3_000, breaker, attemptDeadline: 800 })));
const wrapped: Protect = (breaker) =>
  run(hangs.pipe(withDeadline(), catchError((cause: unknown) => throwError(() => new Error('wrapped', { cause }))), breaker));

const received = { inside, outside, ofPart, ofRest, asObject, asChild, inContext, wrapped };
const shortening = { aroundTheWhole, further };
const settingsOfOurs = { aroundEachTry, inPipeline };
const entries = (...protects: Record<string, Protect>[]): [string, Protect][] => protects.flatMap((one) => Object.entries(one));

const untouched = { state: 'closed', failures: 0, ignored: 20 };

describe('a deadline that a request asks for', () => {
  it.each(entries(received, shortening, settingsOfOurs))('opens no breaker by being short: %s', (_title, protect) => {
    for (const left of [1, 10, 300]) expect(askedWith(left, protect)).toStrictEqual(untouched);
  });

  it.each(entries(received, shortening))('opens no breaker however long it lasts: %s', (_title, protect) => {
    for (const left of [1_100, 10_000]) expect(askedWith(left, protect)).toStrictEqual(untouched);
    // More than may be asked for is still what somebody has asked for.
    expect(askedWith(90_000, protect, deadlineMiddleware({ maximum: 5_000 }))).toStrictEqual(untouched);
  });

  it.each(entries(settingsOfOurs))('hides nothing where a setting of ours cuts sooner: %s', (_title, protect) => {
    expect(askedWith(2_000, protect).state).toBe('open');
  });

  it.each(entries(received, shortening))('counts where the request is trusted, and its time was fair: %s', (_title, protect) => {
    const trusting = deadlineMiddleware({ trustDeadline: ({ headers }) => headers['x-request-timeout-ms'] !== '5000' });
    expect(askedWith(4_000, protect, trusting).state).toBe('open');
    expect(askedWith(300, protect, trusting)).toStrictEqual(untouched);
    expect(askedWith(5_000, protect, trusting)).toStrictEqual(untouched);
  });

  it.each(entries(received, shortening))('counts where the breaker says itself when a call hangs: %s', (_title, protect) => {
    expect(askedWith(2_000, protect, deadline, { ...strict, hungAfter: 1_500 }).state).toBe('open');
    expect(askedWith(1_000, protect, deadline, { ...strict, hungAfter: 1_500 })).toStrictEqual(untouched);
  });

  it.each(entries(received, shortening))('counts where no header said it: the time for all others is a setting of ours: %s', (_title, protect) => {
    expect(askedWith(undefined, protect, deadlineMiddleware({ fallback: 3_000 })).state).toBe('open');
  });

  it('is trusted by nothing but true', () => {
    for (const trustDeadline of [() => { throw new Error('x'); }, () => Promise.resolve(true), () => 1, () => undefined]) {
      expect(askedWith(2_000, inside, deadlineMiddleware({ trustDeadline: trustDeadline as never }))).toStrictEqual(untouched);
    }
    expect(() => deadlineMiddleware({ trustDeadline: true as never })).toThrow(/^deadlineMiddleware: trustDeadline must be a function/);
    expect(askedWith(2_000, inside, deadlineMiddleware({ trustDeadline: undefined }))).toStrictEqual(untouched);
  });

  it('is no slow call either', () => {
    const slow = { trip: slowCallRate({ threshold: 0.1, slowerThan: 500, window: { calls: 10 }, minimumCalls: 1 }) };
    expect(askedWith(2_000, inside, deadline, slow)).toStrictEqual(untouched);
  });

  it('does not make a half-open breaker open again', () => {
    const halfOpen = { initialState: { state: 'half-open', remaining: 0 } } as unknown as CircuitBreakerOptions;
    expect(askedWith(2_000, inside, deadline, halfOpen)).toMatchObject({ state: 'half-open', failures: 0 });
  });

  it('takes no token from a budget that counts failures, and no sample to a limit', () => {
    new TestScheduler(() => undefined).run(({ flush }) => {
      const budget = tokenBudget({ maxTokens: 4, tokenRatio: 0.1 });
      const retry = retryWithBackoff({ budget });
      const limit = vegasLimit({ initial: 50 });
      const shed = loadShed('critical', { shedder: loadShedder({ limit }) });
      for (let i = 0; i < 20; i++) {
        const req = { method: 'POST', headers: { 'x-request-timeout-ms': '2000' } } as never;
        deadline(req, {} as never, () => run(hangs.pipe(withDeadline(), retry, shed)));
      }
      flush();
      expect(retry.metrics()).toMatchObject({ calls: 20, tries: 20, exhausted: { deadline: 20 }, budgetLeft: 1 });
      expect(limit.limit).toBe(50);
    });
  });

  it('has an echo that proves as little', () => {
    const told = (error: unknown, at: number): Protect => (breaker) => run(timer(at).pipe(mergeMap(() => throwError(() => error)), breaker));
    for (const error of [{ status: 504 }, { code: 4, metadata: {} }, { code: 'ECONNABORTED' }, new DOMException('', 'TimeoutError')]) {
      // What a service does that keeps a share for itself, and what a client does that was given all of it.
      for (const at of [1_500, 1_800, 2_000]) expect(askedWith(2_000, told(error, at))).toStrictEqual(untouched);
      expect(askedWith(2_000, told(error, 900)).state).toBe('open');
      expect(askedWith(2_000, told(error, 1_990), deadlineMiddleware({ trustDeadline: () => true })).state).toBe('open');
    }
    expect(askedWith(2_000, told({ status: 503 }, 1_990)).state).toBe('open');
  });
});

describe('a deadline that code reads from elsewhere', () => {
  it('is a stranger\'s where the code says so, else our own', () => {
    new TestScheduler(() => undefined).run(({ flush }) => {
      const make = [
        ...[Deadline.after(2_000, { trusted: false }), Deadline.at(2_000, { trusted: false, scheduler: undefined })],
        ...[Deadline.after(2_000), Deadline.at(2_000, {}), Deadline.after(2_000, asyncScheduler), Deadline.after(2_000, { trusted: undefined })],
      ];
      const breakers = make.map((deadline) => {
        const breaker = circuitBreaker(strict);
        for (let i = 0; i < 5; i++) runInContext({ deadline }, () => inside(breaker));
        return breaker;
      });
      flush();
      expect(breakers.map(({ state }) => state)).toStrictEqual(['closed', 'closed', 'open', 'open', 'open', 'open']);
    });
  });

  it('says of its children what it says of itself', () => {
    const stranger = Deadline.after(2_000, { trusted: false });
    expect([stranger.trusted, stranger.child().trusted, stranger.child({ cap: 5 }).trusted, Deadline.after(5).child().trusted]).toStrictEqual([false, false, false, true]);
  });

  it.each<[object, RegExp]>([
    [{ trusted: 'no' }, /^Deadline.(after|at): trusted must be true or false/], [{ trust: false }, /^Deadline.(after|at): origin has no option 'trust'/], [{ scheduler: {} }, /^Deadline.(after|at): scheduler must be/],
  ])('refuses %o', (origin, message) => {
    expect(() => Deadline.after(5, origin as never)).toThrow(message);
    expect(() => Deadline.at(5, origin as never)).toThrow(message);
  });
});

describe('over sockets', () => {
  it('a hundred requests with ten milliseconds left are answered with 504, and the next one is served', async () => {
    const calls = standardPipeline({ name: 'db' });
    const breaker = circuitBreaker({ name: 'db', failureThreshold: 2 });
    let answers = false;
    const failed = resilienceErrors();
    const { port } = await serve((req, res) =>
      deadline(req, res, async () => {
        // Behind an await: a received deadline is one wherever it is met.
        await Promise.resolve();
        attempt(() => (answers ? Promise.resolve('served') : NEVER)).pipe(breaker, calls).subscribe({
          next: (text) => void res.end(text),
          error: (error: unknown) => failed(error, req, res),
        });
      }),
    );
    const asked = Array.from({ length: 100 }, () => ask(port, '/', { headers: { 'x-request-timeout-ms': '10' } }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(new Set(statuses)).toStrictEqual(new Set([504]));
    expect([breaker.state, breaker.metrics().failures, calls.parts.breaker.state]).toStrictEqual(['closed', 0, 'closed']);
    answers = true;
    expect(await ask(port, '/', { headers: { 'x-request-timeout-ms': '8000' } })).toMatchObject({ status: 200, body: 'served' });
  });

  it('opens no breaker one service further out, where the answer that it was too late comes before our own', async () => {
    const failed = resilienceErrors();
    const { port } = await serve((req, res) =>
      deadline(req, res, () => void hangs.pipe(withDeadline()).subscribe({ error: (error: unknown) => failed(error, req, res) })),
    );
    const calls = standardPipeline({ name: 'next', tolerance: 'strict' });
    const call = (): Promise<unknown> =>
      calls.run(async ({ signal }) => {
        const response = await fetch(`http://127.0.0.1:${port}`, { signal, headers: outgoingHeaders() });
        await response.body?.cancel();
        throw response;
      });
    for (let i = 0; i < 12; i++) {
      await runInContext({ deadline: Deadline.after(60) }, () => call().catch(() => undefined));
    }
    expect(calls.parts.breaker.state).toBe('closed');
    expect(calls.parts.breaker.metrics()).toMatchObject({ failures: 0, ignored: 12 });
  });
});
