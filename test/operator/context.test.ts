import { defer, map, merge, NEVER, Observable, of, share, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { attempt, type AttemptContext } from '../../src/operator/attempt.js';
import { type CallContext, currentContext, detachContext, runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';

const virtual = (body: () => void): void => new TestScheduler(() => undefined).run(({ flush }) => {
  body();
  flush();
});

const reading = (seen: CallContext[]): Observable<number> =>
  defer(() => {
    seen.push(currentContext());
    return of(1);
  });

const sources = [
  { how: 'synchronous', delayed: <T>(source: Observable<T>) => source },
  { how: 'asynchronous', delayed: <T>(source: Observable<T>) => merge(source, timer(3).pipe(map(() => 2 as T))) },
];

describe('the context', () => {
  it('outside of any call has attempt 1 and nothing else', () => {
    expect(currentContext()).toStrictEqual({ attempt: 1 });
  });

  it.each(sources)('shows a deadline further in, and nothing of it downstream ($how)', ({ delayed }) => {
    virtual(() => {
      const inner: CallContext[] = [];
      const outer: CallContext[] = [];
      delayed(reading(inner))
        .pipe(withDeadline(10))
        .subscribe({ next: () => outer.push(currentContext()), complete: () => outer.push(currentContext()) });
      expect(inner[0]!.deadline!.remaining()).toBe(10);
      timer(8).subscribe(() => expect(new Set(outer.map((context) => context.deadline))).toStrictEqual(new Set([undefined])));
    });
  });

  it('crosses foreign operators, and nested deadlines take the earlier one', () => {
    virtual(() => {
      const seen: CallContext[] = [];
      reading(seen).pipe(withDeadline(20), map(String), withDeadline(5)).subscribe();
      reading(seen).pipe(withDeadline(5), map(String), withDeadline(20)).subscribe();
      expect(seen.map(({ deadline }) => deadline!.remaining())).toStrictEqual([5, 5]);
    });
  });

  it('is as before after a synchronous source has thrown', () => {
    virtual(() => {
      new Observable(() => {
        throw new Error('thrown');
      })
        .pipe(withDeadline(5))
        .subscribe({ error: () => expect(currentContext()).toStrictEqual({ attempt: 1 }) });
      expect(currentContext()).toStrictEqual({ attempt: 1 });
    });
  });

  it('of the first subscriber is kept by share, unless it was detached', () => {
    virtual(() => {
      const seen: CallContext[] = [];
      const shared = reading(seen).pipe(share());
      const detached = reading(seen).pipe(detachContext(), share());
      shared.pipe(withDeadline(5)).subscribe();
      detached.pipe(withDeadline(5)).subscribe();
      expect(seen.map(({ deadline }) => deadline !== undefined)).toStrictEqual([true, false]);
    });
  });

  it('can be given by hand, and keeps what is not given', () => {
    const seen: CallContext[] = [];
    const deadline = Deadline.after(50);
    runInContext({ deadline, tags: { tenant: 'a' } }, () =>
      runInContext({ priority: 'sheddable', attempt: 2 }, () => reading(seen).subscribe()),
    );
    expect(seen).toStrictEqual([{ attempt: 2, deadline, priority: 'sheddable', tags: { tenant: 'a' } }]);
    expect(() => runInContext({ priority: 'urgent' as never }, () => 1)).toThrow(RangeError);
    expect(() => runInContext({ dedline: deadline } as never, () => 1)).toThrow(/dedline/);
    for (const wrong of [{ deadline: 5 }, { signal: {} }, { tags: 5 }, { attempt: '2' }, { deadline: null }]) {
      expect(() => runInContext(wrong as never, () => 1)).toThrow(TypeError);
    }
    expect(() => runInContext({ attempt: NaN }, () => 1)).toThrow(RangeError);
  });
});

describe('attempt', () => {
  it('hands the context to user code, and its signal fires as the consumer leaves', () => {
    let signal: AbortSignal | undefined;
    const call = attempt((context) => {
      ({ signal } = context);
      return NEVER;
    });
    const subscription = call.subscribe();
    expect(signal!.aborted).toBe(false);
    subscription.unsubscribe();
    expect(signal!.aborted).toBe(true);
    expect((signal!.reason as Error).name).toBe('AbortError');
  });

  it('gives the DeadlineExceededError as the reason where a deadline has cut the call', () => {
    let signal: AbortSignal | undefined;
    let error: unknown;
    virtual(() => {
      attempt((context) => {
        ({ signal } = context);
        return NEVER;
      })
        .pipe(map(String), withDeadline(5))
        .subscribe({ error: (thrown: unknown) => (error = thrown) });
    });
    expect(signal!.reason).toBe(error);
    expect((error as { code: string }).code).toBe('DEADLINE_EXCEEDED');
  });

  it('does not abort a call that has ended', () => {
    let signal: AbortSignal | undefined;
    attempt((context) => {
      ({ signal } = context);
      return of(1);
    }).subscribe();
    expect(signal!.aborted).toBe(false);
  });

  it('gives a signal that is read only after the call was cut aborted, with the reason', () => {
    let late: AttemptContext | undefined;
    let error: unknown;
    virtual(() => {
      attempt((context) => ((late = context), NEVER))
        .pipe(withDeadline(5))
        .subscribe({ error: (thrown: unknown) => (error = thrown) });
    });
    expect([late!.signal.aborted, late!.signal.reason]).toStrictEqual([true, error]);
    expect(late!.signal).toBe(late!.signal);
  });

  it('gives a signal that is read only after the consumer has left aborted', () => {
    let late: AttemptContext | undefined;
    attempt((context) => ((late = context), NEVER)).subscribe().unsubscribe();
    expect([late!.signal.aborted, (late!.signal.reason as Error).name]).toStrictEqual([true, 'AbortError']);
  });

  it('gives a signal that is read only after the call has ended as it would have been', () => {
    let late: AttemptContext | undefined;
    attempt((context) => ((late = context), of(1))).subscribe();
    expect(late!.signal.aborted).toBe(false);
  });

  it('hands out a context that can be spread, destructured and written as JSON', () => {
    const controller = new AbortController();
    const deadline = Deadline.after(1_000);
    const tags = { user: 7 };
    let given: AttemptContext | undefined;
    let copy: AttemptContext | undefined;
    const { unsubscribe } = runInContext({ deadline, priority: 'critical', signal: controller.signal, tags }, () => {
      const call = attempt((context) => {
        given = context;
        copy = { ...context };
        return NEVER;
      }).pipe(withDeadline());
      const running = call.subscribe({ error: () => undefined });
      return { unsubscribe: () => running.unsubscribe() };
    });
    expect(Object.keys(copy!).sort()).toStrictEqual(['attempt', 'deadline', 'priority', 'signal', 'tags']);
    expect(copy).toStrictEqual({ signal: given!.signal, deadline, priority: 'critical', attempt: 1, tags });
    expect(JSON.parse(JSON.stringify(copy))).toMatchObject({ attempt: 1, priority: 'critical', tags, deadline: { remaining: expect.any(Number) } });
    unsubscribe();
    expect(copy!.signal.aborted).toBe(true);
  });

  it('takes a promise for ended as soon as it has settled: the body of a response can still be read', async () => {
    let signal: AbortSignal | undefined;
    const aborted: boolean[] = [];
    await new Promise<void>((resolve) => {
      const subscription = attempt(async (context) => {
        ({ signal } = context);
        await Promise.resolve();
        return 'head';
      }).subscribe(() => {
        subscription.unsubscribe();
        aborted.push(signal!.aborted);
        resolve();
      });
    });
    expect(aborted).toStrictEqual([false]);
  });

  it('makes what it is given anew for each subscription, and what is thrown is the error', () => {
    let made = 0;
    const call = attempt(() => {
      made++;
      if (made === 2) throw new Error('second');
      return [made];
    });
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) call.subscribe({ next: (value) => seen.push(value), error: (error) => seen.push(String(error)) });
    expect(seen).toStrictEqual([1, 'Error: second', 3]);
  });

  it('refuses what is no function', () => {
    expect(() => attempt(of(1) as never)).toThrow(TypeError);
  });
});

describe('withDeadline() and a signal from outside', () => {
  it.each(sources)('ends the call with an AbortError and leaves no listener ($how)', ({ delayed }) => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    virtual(() => {
      runInContext({ signal: controller.signal }, () =>
        delayed(merge(of(1), NEVER))
          .pipe(withDeadline())
          .subscribe({ next: (value) => seen.push(value), error: (error: Error) => seen.push(error.name) }),
      );
      controller.abort(new Error('the client left'));
    });
    expect(seen).toStrictEqual([1, 'AbortError']);
  });

  it('refuses a call whose signal has fired already', () => {
    const seen: unknown[] = [];
    runInContext({ signal: AbortSignal.abort() }, () =>
      of(1)
        .pipe(withDeadline())
        .subscribe({ next: (value) => seen.push(value), error: (error: Error) => seen.push(error.name) }),
    );
    expect(seen).toStrictEqual(['AbortError']);
  });
});

describe('a copy of the context of an attempt', () => {
  it('has the signal, however it is copied', () => {
    attempt((context) => {
      const copied = Object.defineProperties({}, Object.getOwnPropertyDescriptors(context)) as AttemptContext;
      expect(copied.signal).toBe(context.signal);
      expect(Object.freeze(context).signal).toBe(copied.signal);
      return of(1);
    }).subscribe();
  });
});
