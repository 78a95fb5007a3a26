import { NEVER, Observable, of, type OperatorFunction, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bulkhead, circuitBreaker, constant, fallbackToValue, fixedLimit, loadShed, loadShedder, retryWithBackoff, withDeadline,
} from '../../src/index.js';
import { collectReported } from '../reported.js';

type Piped = OperatorFunction<unknown, unknown>;

interface Six {
  readonly pipe: Piped;
  readonly left: () => unknown;
}

/** All six, with things to do; what is left of permits and waiters. */
function six(): Six {
  const pool = bulkhead(1, 2);
  const shed = loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(2), queue: 2 }) });
  const breaker = circuitBreaker({ failureThreshold: 1_000 });
  const retry = retryWithBackoff(constant(0), { maxRetries: 2, budget: false });
  const deadline = withDeadline(1_000_000);
  const fallback = fallbackToValue('instead', { when: (error) => error === 'answer' });
  const policies = [deadline, pool, breaker, retry, shed, fallback] as unknown as readonly Piped[];
  return {
    pipe: (source) => policies.reduce((piped, policy) => piped.pipe(policy), source),
    left: () => {
      const { active, queued } = pool.metrics();
      return { active, queued, inFlight: shed.metrics().inFlight };
    },
  };
}

const nothing = { active: 0, queued: 0, inFlight: 0 };
const reported = collectReported();

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('a source that', () => {
  it('errors with undefined: the error is undefined, after its tries', () => {
    const { pipe, left } = six();
    let tries = 0;
    const seen: unknown[] = [];
    new Observable((subscriber) => {
      tries++;
      subscriber.error(undefined);
    })
      .pipe(pipe)
      .subscribe({ error: (error: unknown) => seen.push(['error', error]) });
    expect({ tries, seen, left: left() }).toStrictEqual({ tries: 3, seen: [['error', undefined]], left: nothing });
  });

  it('never ends keeps its permits until it is left', () => {
    const { pipe, left } = six();
    const first = NEVER.pipe(pipe).subscribe();
    const second = NEVER.pipe(pipe).subscribe();
    expect(left()).toStrictEqual({ active: 1, queued: 1, inFlight: 2 });
    first.unsubscribe();
    expect(left()).toStrictEqual({ active: 1, queued: 0, inFlight: 1 });
    second.unsubscribe();
    expect(left()).toStrictEqual(nothing);
  });

  it('throws in its teardown gives its permits back, and the next one goes', () => {
    const { pipe, left } = six();
    const torn = new Observable(() => () => {
      throw new Error('torn');
    });
    const first = torn.pipe(pipe).subscribe();
    const seen: unknown[] = [];
    of('next').pipe(pipe).subscribe((value) => seen.push(value));
    expect(() => first.unsubscribe()).toThrow(/torn/);
    expect({ seen, left: left() }).toStrictEqual({ seen: ['next'], left: nothing });
  });

  it('fails and throws in its teardown leaves nothing held', async () => {
    const { pipe, left } = six();
    const source = new Subject<unknown>();
    const torn = new Observable((subscriber) => {
      source.subscribe(subscriber);
      return () => {
        throw new Error('torn');
      };
    });
    torn.pipe(pipe).subscribe({ error: () => undefined });
    try {
      source.error({ status: 404 });
    } catch {
      // Where RxJS lets it through to whoever made it fail.
    }
    await tick();
    expect(left()).toStrictEqual(nothing);
  });

  it('feeds itself as it fails is tried no more often than it may', () => {
    const { pipe, left } = six();
    let depth = 0;
    let subscriptions = 0;
    const piped: Observable<unknown> = new Observable((subscriber) => {
      subscriptions++;
      subscriber.error('down');
    }).pipe(pipe);
    const again = (): void => {
      if (++depth < 5) piped.subscribe({ error: again });
    };
    piped.subscribe({ error: again });
    expect({ depth, subscriptions, left: left() }).toStrictEqual({ depth: 5, subscriptions: 15, left: nothing });
  });

  it('emits and fails after its end is heard no more', async () => {
    const { pipe, left } = six();
    const seen: unknown[] = [];
    new Observable((subscriber) => {
      subscriber.next(1);
      subscriber.complete();
      subscriber.next(2);
      subscriber.error('late');
    })
      .pipe(pipe)
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    await tick();
    expect({ seen, left: left() }).toStrictEqual({ seen: [1, 'complete'], left: nothing });
  });

  it('throws as it is subscribed is a failure like another', () => {
    const { pipe, left } = six();
    let tries = 0;
    const seen: unknown[] = [];
    new Observable(() => {
      tries++;
      throw 'thrown';
    })
      .pipe(pipe)
      .subscribe({ error: (error: unknown) => seen.push(error) });
    expect({ tries, seen, left: left() }).toStrictEqual({ tries: 3, seen: ['thrown'], left: nothing });
  });
});

describe('a consumer that throws', () => {
  it.each([
    ['on a value', { next: () => { throw new Error('consumer'); } }, of(1)],
    ['on completion', { complete: () => { throw new Error('consumer'); } }, of(1)],
    ['on an error', { error: () => { throw new Error('consumer'); } }, throwError(() => ({ status: 404 }))],
  ])('%s is reported, and holds nothing', async (_when, observer, source) => {
    const { pipe, left } = six();
    (source as Observable<unknown>).pipe(pipe).subscribe(observer as object);
    await tick();
    expect(reported.map(String)).toStrictEqual(['Error: consumer']);
    expect(left()).toStrictEqual(nothing);
  });
});

describe('without growing the stack', () => {
  it('100,000 values pass all six', () => {
    const { pipe, left } = six();
    let count = 0;
    new Observable((subscriber) => {
      for (let i = 0; i < 100_000; i++) subscriber.next(i);
      subscriber.complete();
    })
      .pipe(pipe)
      .subscribe(() => count++);
    expect({ count, left: left() }).toStrictEqual({ count: 100_000, left: nothing });
  });

  it('100,000 calls fail one after another in one turn', () => {
    const { pipe, left } = six();
    const piped = throwError(() => 'down').pipe(pipe);
    let failed = 0;
    for (let i = 0; i < 100_000; i++) piped.subscribe({ error: () => failed++ });
    expect({ failed, left: left() }).toStrictEqual({ failed: 100_000, left: nothing });
  });
});
