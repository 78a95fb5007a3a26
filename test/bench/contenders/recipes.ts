import { catchError, defer, finalize, Observable, of, retry, tap, throwError, timeout } from 'rxjs';
import { allowed, room, type Stack } from './ours.ts';

/** A counting semaphore as one writes it with operators: refuses when all permits are out. */
export function semaphore(limit: number): Stack {
  let active = 0;
  return (source) =>
    defer(() => {
      if (active >= limit) return throwError(() => new Error('full'));
      active += 1;
      return source.pipe(finalize(() => (active -= 1)));
    });
}

/** The least that deserves the name of a breaker: opens after five failures in a row, for half a minute. */
export function breaker(threshold = 5): Stack {
  let failures = 0;
  let openUntil = 0;
  const failed = (): void => {
    failures += 1;
    if (failures >= threshold) openUntil = Date.now() + 30_000;
  };
  const succeeded = (): void => {
    failures = 0;
  };
  return (source) =>
    defer(() => {
      if (openUntil !== 0 && Date.now() < openUntil) return throwError(() => new Error('open'));
      return source.pipe(tap({ error: failed, complete: succeeded }));
    });
}

/** The same with the default rule of `circuitBreaker`: half of the calls of the last 10 s, of which there are 20 or more. */
export function windowBreaker(): Stack {
  const counts = Array.from({ length: 10 }, () => ({ second: 0, calls: 0, failures: 0 }));
  let openUntil = 0;
  const count = (failures: number): void => {
    const now = Date.now();
    const second = Math.floor(now / 1_000);
    const bucket = counts[second % 10]!;
    if (bucket.second !== second) {
      bucket.second = second;
      bucket.calls = bucket.failures = 0;
    }
    bucket.calls += 1;
    bucket.failures += failures;
    const sum = { calls: 0, failures: 0 };
    for (const one of counts) {
      if (one.second <= second - 10) continue;
      sum.calls += one.calls;
      sum.failures += one.failures;
    }
    if (sum.calls >= 20 && sum.failures / sum.calls >= 0.5) openUntil = now + 30_000;
  };
  return (source) =>
    defer(() => {
      if (openUntil !== 0 && Date.now() < openUntil) return throwError(() => new Error('open'));
      return source.pipe(tap({ error: () => count(1), complete: () => count(0) }));
    });
}

/**
 * RxJS's own `timeout`, `retry` and `catchError`, as they are usually written, around two recipes. `timeout(ms)` also
 * ends a call that hangs after its first value, as `withDeadline` does.
 */
export function rxjsStack(): Stack {
  const pool = semaphore(room);
  const circuit = windowBreaker();
  return (source) =>
    source.pipe(
      timeout(allowed),
      pool,
      circuit,
      retry(3),
      catchError(() => of(0)),
    );
}

/** The two recipes by an experienced hand: each a bare `Observable` that hands its own subscriber on. */
export function leanSemaphore(limit: number): Stack {
  let active = 0;
  const release = (): void => {
    active -= 1;
  };
  return (source) =>
    new Observable((subscriber) => {
      if (active >= limit) return subscriber.error(new Error('full'));
      active += 1;
      subscriber.add(release);
      source.subscribe(subscriber);
    });
}

export function leanBreaker(threshold = 5): Stack {
  let failures = 0;
  let openUntil = 0;
  const failed = (): void => {
    failures += 1;
    if (failures >= threshold) openUntil = Date.now() + 30_000;
  };
  const succeeded = (): void => {
    failures = 0;
  };
  return (source) => {
    const watched = source.pipe(tap({ error: failed, complete: succeeded }));
    return new Observable((subscriber) => {
      if (openUntil !== 0 && Date.now() < openUntil) return subscriber.error(new Error('open'));
      watched.subscribe(subscriber);
    });
  };
}

/** The least: `first` is one timer and none for a synchronous source, and failures in a row need no clock. */
export function leanStack(): Stack {
  const pool = leanSemaphore(room);
  const circuit = leanBreaker();
  return (source) =>
    source.pipe(
      timeout({ first: allowed }),
      pool,
      circuit,
      retry(3),
      catchError(() => of(0)),
    );
}
