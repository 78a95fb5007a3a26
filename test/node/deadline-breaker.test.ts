import { NEVER } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import {
  attempt, circuitBreaker, type CircuitBreaker, Deadline, outgoingHeaders, resiliencePipeline, runInContext, standardPipeline, withDeadline,
} from '../../src/index.js';
import { deadlineMiddleware, resilienceErrors } from '../../src/node/index.js';
import { ask, serve } from './sockets.js';

const hangs = attempt(() => NEVER);
const strict = { name: 'db', failureThreshold: 3 };

/** Twenty requests at once with `left` milliseconds, against a dependency that hangs; what the breaker made of them. */
function askedWith(left: number, protect: (breaker: CircuitBreaker, req: never) => void, times = 20): Pick<ReturnType<CircuitBreaker['metrics']>, 'failures' | 'ignored'> & { state: string } {
  let result: ReturnType<typeof askedWith> | undefined;
  new TestScheduler(() => undefined).run(({ flush }) => {
    const breaker = circuitBreaker(strict);
    for (let i = 0; i < times; i++) protect(breaker, { method: 'POST', headers: { 'x-request-timeout-ms': String(left) } } as never);
    flush();
    const { failures, ignored } = breaker.metrics();
    result = { state: breaker.state, failures, ignored };
  });
  return result!;
}

const deadline = deadlineMiddleware();
const ignore = { error: () => undefined };

describe('a deadline that was received', () => {
  const asReceived = (breaker: CircuitBreaker, req: never): void =>
    deadline(req, {} as never, () => void hangs.pipe(breaker, withDeadline()).subscribe(ignore));
  const aroundEachTry = (breaker: CircuitBreaker, req: never): void =>
    deadline(req, {} as never, () => void hangs.pipe(withDeadline(800), breaker, withDeadline()).subscribe(ignore));
  const inPipeline = (breaker: CircuitBreaker, req: never): void =>
    deadline(req, {} as never, () => void hangs.pipe(resiliencePipeline({ name: 'db', deadline: 3_000, breaker, attemptDeadline: 800 })).subscribe(ignore));

  it.each([1, 10, 300])('of %d ms opens no breaker: nobody can answer in that', (left) => {
    for (const protect of [asReceived, aroundEachTry, inPipeline]) {
      expect(askedWith(left, protect)).toStrictEqual({ state: 'closed', failures: 0, ignored: 20 });
    }
  });

  it.each([2_000, 10_000])('of %d ms opens it, as hanging for so long is the fault of who hangs', (left) => {
    for (const protect of [asReceived, aroundEachTry, inPipeline]) expect(askedWith(left, protect).state).toBe('open');
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
