import { config, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { attempt, bulkhead, currentContext, Deadline, runInContext, withDeadline } from '../../src/index.js';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { outcome, virtual } from '../virtual.js';

/** An abort signal of which it is known who listens. */
function watched(): { readonly signal: AbortSignal; readonly abort: (reason?: unknown) => void; readonly listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (type: string, listener: never, options?: object) => {
    listening.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: never) => {
    listening.delete(listener);
    remove(type, listener);
  };
  return { signal, abort: (reason) => controller.abort(reason), listeners: () => listening.size };
}

const guarded = () => resiliencePipeline({ name: 'api', bulkhead: 1, breaker: {} });

describe('what run resolves with', () => {
  it.each<[title: string, fn: () => unknown, result: unknown]>([
    ['the value of a promise', () => Promise.resolve(7), 7],
    ['the last value of an observable', () => of(1, 2, 3), 3],
    ['nothing of an empty one', () => EMPTY, undefined],
    ['a value', () => 'text', 'text'],
    ['nothing', () => undefined, undefined],
    ['an array as a whole', () => [1, 2], [1, 2]],
    ['a set as a whole', () => new Set([1]), new Set([1])],
    ['null', () => null, null],
  ])('%s', async (_title, fn, result) => {
    await expect(guarded().run(fn)).resolves.toStrictEqual(result);
  });

  it('is the fallback where that answers', async () => {
    const pipeline = resiliencePipeline({ fallback: () => Promise.resolve('instead') });
    await expect(pipeline.run(() => Promise.reject(new Error('down')))).resolves.toBe('instead');
  });

  it('is a later try, which is told its number', async () => {
    const pipeline = resiliencePipeline({ retry: { backoff: () => 0 } });
    const tries: number[] = [];
    const result = pipeline.run(({ attempt: number }) => {
      tries.push(number);
      return number < 3 ? Promise.reject(new Error('down')) : Promise.resolve('there');
    });
    await expect(result).resolves.toBe('there');
    expect(tries).toStrictEqual([1, 2, 3]);
  });
});

describe('what run rejects with', () => {
  const thrown = new TypeError('a bug');
  it.each<[title: string, fn: unknown, error: unknown]>([
    ['what a promise rejects with', () => Promise.reject(thrown), thrown],
    ['what an observable fails with', () => throwError(() => 'text'), 'text'],
    ['what it throws', () => { throw thrown; }, thrown],
    ['a TypeError where it is no function', 7, expect.objectContaining({ message: 'run: fn must be a function, got 7' })],
  ])('%s', async (_title, fn, error) => {
    const pipeline = guarded();
    await expect(pipeline.run(fn as () => unknown)).rejects.toEqual(error);
    expect(pipeline.parts.bulkhead.active).toBe(0);
  });

  it('our own errors, without having called it', async () => {
    const pipeline = guarded();
    const held = pipeline.run(() => NEVER, { signal: new AbortController().signal });
    held.catch(() => undefined);
    let called = 0;
    await expect(pipeline.run(() => called++)).rejects.toMatchObject({ code: 'BULKHEAD_FULL', policy: 'api' });
    expect(called).toBe(0);
  });

  it.each([[{ sginal: undefined }, "run has no option 'sginal'; did you mean 'signal'?"], [{ signal: 1 }, 'signal must be an AbortSignal, got 1'], [null, 'options must be an object']])(
    'a TypeError for the options %j',
    async (options, message) => {
      await expect(guarded().run(() => 1, options as never)).rejects.toThrow(message);
    },
  );

  it('what it refuses to be piped around', async () => {
    const pool = bulkhead(1);
    const pipeline = resiliencePipeline({ bulkhead: pool });
    await expect(pipeline.run(() => of(1).pipe(pool))).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
  });

  it('its deadline, which aborts the signal of the try', async () => {
    const { scheduler, advance } = virtual();
    const pipeline = resiliencePipeline({ attemptDeadline: 10, scheduler });
    let inner: AbortSignal | undefined;
    const result = pipeline.run(({ signal }) => ((inner = signal), NEVER));
    advance(10);
    await expect(result).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', policy: 'pipeline.attempt' });
    expect(inner?.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});

describe('the signal of the caller', () => {
  it('leaves the call, which moves nothing, and rejects with its reason', async () => {
    const pipeline = guarded();
    const { signal, abort, listeners } = watched();
    let inner: AbortSignal | undefined;
    const result = pipeline.run((context) => ((inner = context.signal), NEVER), { signal });
    expect([pipeline.parts.bulkhead.active, listeners()]).toStrictEqual([1, 1]);
    const reason = { left: true };
    abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(inner!.aborted).toBe(true);
    expect(pipeline.parts.bulkhead.active).toBe(0);
    expect(pipeline.metrics().breaker).toMatchObject({ calls: 1, abandoned: 1, failures: 0, ignored: 0 });
  });

  it('rejects without a call where it has aborted before', async () => {
    const pipeline = guarded();
    let called = 0;
    await expect(pipeline.run(() => called++, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
    expect([called, pipeline.metrics().breaker.calls]).toStrictEqual([0, 0]);
  });

  it('leaves one that waits in a queue', async () => {
    const pipeline = resiliencePipeline({ bulkhead: { maxConcurrent: 1, queue: 1 } });
    const { leave } = outcome(NEVER.pipe(pipeline));
    const { signal, abort, listeners } = watched();
    const result = pipeline.run(() => 1, { signal });
    expect(pipeline.parts.bulkhead.queued).toBe(1);
    abort();
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
    expect([pipeline.parts.bulkhead.queued, listeners()]).toStrictEqual([0, 0]);
    leave();
    expect(pipeline.parts.bulkhead.active).toBe(0);
  });

  it('leaves one that waits for its next try', async () => {
    const { scheduler } = virtual();
    const pipeline = resiliencePipeline({ retry: { backoff: () => 100 }, scheduler });
    const { signal, abort } = watched();
    const result = pipeline.run(() => throwError(() => new Error('down')), { signal });
    expect(scheduler.actions).toHaveLength(1);
    abort('gone');
    await expect(result).rejects.toBe('gone');
    expect(scheduler.actions.filter(({ closed }) => !closed)).toHaveLength(0);
  });

  it('has no listener left after the call, however it ended', async () => {
    const pipeline = guarded();
    const { signal, listeners } = watched();
    await pipeline.run(() => 1, { signal });
    await pipeline.run(() => Promise.resolve(1), { signal });
    await expect(pipeline.run(() => Promise.reject(new Error('down')), { signal })).rejects.toThrow('down');
    expect(listeners()).toBe(0);
  });

  it('rejects also where leaving throws', async () => {
    const thrown = new Error('thrown by a teardown');
    let leave: (() => void) | undefined;
    const signal = {
      aborted: false,
      reason: 'gone',
      addEventListener: (_type: string, listener: () => void) => (leave = listener),
      removeEventListener: () => undefined,
    };
    const torn = new Observable(() => () => {
      throw thrown;
    });
    const pipeline = guarded();
    const result = pipeline.run(() => torn, { signal: signal as unknown as AbortSignal });
    const reported: unknown[] = [];
    config.onUnhandledError = (error: unknown) => void reported.push(error);
    leave!();
    await expect(result).rejects.toBe('gone');
    await vi.waitFor(() => expect(reported).toMatchObject([{ name: 'UnsubscriptionError', errors: [thrown] }]));
    config.onUnhandledError = null;
    expect(pipeline.parts.bulkhead.active).toBe(0);
  });

  it('may be aborted by the function itself', async () => {
    const pipeline = guarded();
    const { signal, abort } = watched();
    const result = pipeline.run(() => (abort('gone'), NEVER), { signal });
    await expect(result).rejects.toBe('gone');
    expect(pipeline.parts.bulkhead.active).toBe(0);
    expect(pipeline.metrics().breaker.abandoned).toBe(1);
  });

  it('changes nothing after a promise has settled: a body can still be read', async () => {
    const { signal, abort, listeners } = watched();
    let inner: AbortSignal | undefined;
    await guarded().run((context) => ((inner = context.signal), Promise.resolve(1)), { signal });
    abort();
    expect([inner!.aborted, listeners()]).toStrictEqual([false, 0]);
  });
});

describe('the context of a call', () => {
  it('is inherited by what is run inside', async () => {
    const { scheduler, advance } = virtual();
    const outer = resiliencePipeline({ name: 'outer', deadline: 50, scheduler });
    const inner = resiliencePipeline({ name: 'inner', deadline: 80, scheduler });
    let left: number | undefined;
    const waiting = new Subject<void>();
    const results: Promise<unknown>[] = [];
    const result = outer.run(({ deadline }) => {
      results.push(inner.run((context) => ((left = context.deadline?.remaining()), NEVER)));
      expect(deadline?.remaining()).toBe(50);
      return waiting;
    });
    expect(left).toBe(50);
    const both = Promise.allSettled([result, ...results]);
    advance(50);
    expect(await both).toMatchObject([{ reason: { policy: 'outer', shortened: false } }, { reason: { policy: 'inner', shortened: true } }]);
  });

  it('is that of the caller, and does not leak', async () => {
    const deadline = Deadline.after(1_000);
    const tags = { user: 1 };
    const seen = await runInContext({ deadline, priority: 'sheddable', tags }, () =>
      guarded().run(({ deadline: limit, priority, tags: given }) => [limit === deadline, priority, given]),
    );
    expect(seen).toStrictEqual([true, 'sheddable', tags]);
    expect(currentContext()).toStrictEqual({ attempt: 1 });
  });

  it('ends the call when its signal aborts: nothing answers in its stead, and nothing is tried again', () => {
    const pipeline = resiliencePipeline({ bulkhead: 1, retry: {}, breaker: {}, fallback: () => of('instead') });
    const { signal, abort, listeners } = watched();
    const { log } = runInContext({ signal }, () => outcome(NEVER.pipe(pipeline)));
    expect(listeners()).toBe(1);
    abort('left');
    expect(log).toMatchObject([{ name: 'AbortError', cause: 'left' }]);
    expect(listeners()).toBe(0);
    expect(pipeline.metrics()).toMatchObject({ breaker: { abandoned: 1 }, retry: { retries: 0 }, fallback: { used: 0 }, bulkhead: { active: 0 } });
  });

  it('makes no call where its signal has aborted before', () => {
    const pipeline = guarded();
    let called = 0;
    const call = attempt(() => of(called++)).pipe(pipeline);
    const { log } = runInContext({ signal: AbortSignal.abort() }, () => outcome(call));
    expect(log).toMatchObject([{ name: 'AbortError' }]);
    expect([called, pipeline.metrics().breaker.calls]).toStrictEqual([0, 0]);
  });

  it('ends it also where it aborts while the source is subscribed', () => {
    const pipeline = guarded();
    const { signal, abort, listeners } = watched();
    const call = attempt(() => (abort('left'), NEVER)).pipe(pipeline);
    const { log } = runInContext({ signal }, () => outcome(call));
    expect(log).toMatchObject([{ name: 'AbortError', cause: 'left' }]);
    expect([pipeline.parts.bulkhead.active, listeners()]).toStrictEqual([0, 0]);
  });

  it('leaves its signal alone once the call is over', () => {
    const { signal, listeners } = watched();
    const source = new Subject<number>();
    const { log } = runInContext({ signal }, () => outcome(source.pipe(guarded(), withDeadline(1_000))));
    source.complete();
    expect([log, listeners()]).toStrictEqual([['|'], 0]);
  });
});

it('resolves with the last value of an asynchronous iterable', async () => {
  const pipeline = resiliencePipeline({ name: 'p' });
  async function* values() {
    yield 1;
    yield 2;
  }
  expect(await pipeline.run(values)).toBe(2);
});
