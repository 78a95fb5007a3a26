import {
  catchError,
  concat,
  defer,
  finalize,
  mergeMap,
  NEVER,
  Observable,
  type ObservableInput,
  of,
  type OperatorFunction,
  retry,
  Subject,
  take,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/core/backoff.js';
import { fallbackTo } from '../../src/fallback/fallback-to.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';

type Pipe = OperatorFunction<unknown, unknown>;

interface Situation {
  readonly title: string;
  readonly run: (operator: Pipe, log: string[]) => void;
}

const consumer = (log: string[]): object => ({
  next: (value: unknown) => log.push(`next ${String(value)}`),
  error: (error: unknown) => log.push(`error ${String(error)}`),
  complete: () => log.push('complete'),
});

/** Fails after `values` for the first `times` subscriptions. */
function failing(times: number, values: readonly unknown[], log: string[], error: unknown = 'down'): Observable<unknown> {
  let count = 0;
  return new Observable((subscriber) => {
    const number = ++count;
    log.push(`subscribed ${number}`);
    subscriber.add(() => log.push(`torn down ${number}`));
    for (const value of values) subscriber.next(value);
    if (number <= times) subscriber.error(error);
    else subscriber.complete();
  });
}

const situations: readonly Situation[] = [
  ...[0, 1, 2, 3, 5].map((times) => ({
    title: `${times} synchronous failures`,
    run: (operator: Pipe, log: string[]) => void failing(times, ['a'], log).pipe(operator).subscribe(consumer(log)),
  })),
  {
    title: 'a synchronous failure with undefined',
    run: (operator, log) => void failing(9, [], log, undefined).pipe(operator).subscribe(consumer(log)),
  },
  {
    title: 'a failure behind and before finalizers',
    run: (operator, log) =>
      void failing(1, ['a'], log)
        .pipe(
          finalize(() => log.push('further in')),
          operator,
          finalize(() => log.push('further out')),
        )
        .subscribe(consumer(log)),
  },
  {
    title: 'failures that come later',
    run: (operator, log) => {
      const sources: Subject<unknown>[] = [];
      defer(() => {
        const source = new Subject<unknown>();
        sources.push(source);
        return source.pipe(finalize(() => log.push(`torn down ${sources.indexOf(source)}`)));
      })
        .pipe(operator)
        .subscribe(consumer(log));
      sources[0]!.next(1);
      sources[0]!.error('down');
      sources.at(-1)!.next(2);
      sources.at(-1)!.error('down');
      sources.at(-1)!.complete();
      log.push(sources.map(({ observed }) => observed).join());
    },
  },
  {
    title: 'a consumer that leaves with the first value of the second source',
    run: (operator, log) =>
      void concat(of(1), throwError(() => 'down'))
        .pipe(operator, take(2))
        .subscribe(consumer(log)),
  },
  {
    title: 'a consumer that leaves while the second source runs',
    run: (operator, log) => {
      let count = 0;
      const subscription = defer(() => (count++ === 0 ? throwError(() => 'down') : NEVER.pipe(finalize(() => log.push('left')))))
        .pipe(operator)
        .subscribe(consumer(log));
      subscription.unsubscribe();
    },
  },
  {
    title: 'failures in virtual time',
    run: (operator, log) => {
      new TestScheduler(() => undefined).run(({ flush }) => {
        defer(() => timer(5).pipe(finalize(() => log.push('torn down'))))
          .pipe(
            (source) => concat(source, throwError(() => 'down')),
            operator,
          )
          .subscribe(consumer(log));
        flush();
      });
    },
  },
  {
    title: 'a source that throws as it is subscribed',
    run: (operator, log) =>
      void new Observable(() => {
        throw 'thrown';
      })
        .pipe(operator)
        .subscribe(consumer(log)),
  },
];

function seen({ run }: Situation, operator: Pipe): readonly string[] {
  const log: string[] = [];
  run(operator, log);
  return log;
}

const always = { when: () => true };
const boom = (): never => {
  throw 'boom';
};
const answer = (): Observable<unknown> => of('instead');

const twins: readonly (readonly [string, () => Pipe, () => Pipe])[] = [
  ['fallbackTo as catchError', () => fallbackTo(answer, always) as Pipe, () => catchError(answer)],
  ['fallbackTo as catchError with an empty source', () => fallbackTo(() => of(), always) as Pipe, () => catchError(() => of())],
  ['fallbackTo as catchError with a failing source', () => fallbackTo(() => throwError(() => 'own'), always) as Pipe, () => catchError(() => throwError(() => 'own'))],
  ['fallbackTo as catchError whose selector throws', () => fallbackTo(boom, always) as Pipe, () => catchError(boom)],
  ['fallbackTo as catchError with a promise-like of nothing', () => fallbackTo(() => [1, 2], always) as Pipe, () => catchError(() => [1, 2])],
  ...[0, 1, 2, 3].map(
    (count) =>
      [
        `retryWithBackoff as retry(${count})`,
        () => retryWithBackoff(constant(0), { maxRetries: count, budget: false, retryIf: () => true }) as Pipe,
        () => retry(count),
      ] as const,
  ),
  [
    'retryWithBackoff as retry({ count, delay })',
    () => retryWithBackoff(constant(3), { maxRetries: 2, budget: false, retryIf: () => true }) as Pipe,
    () => retry({ count: 2, delay: 3 }),
  ],
  ...Object.entries<() => ObservableInput<unknown>>({
    'with its value at once': () => of(1),
    'with its value later': () => timer(3, 1),
    'that fails later': () => timer(3).pipe(mergeMap(() => throwError(() => 'own'))),
    'that is a list': () => [1, 2],
  }).map(
    ([title, notifier]) =>
      [
        `retryWithBackoff as retry({ count, delay }) with a notifier ${title}`,
        () => retryWithBackoff(notifier, { maxRetries: 2, budget: false, retryIf: () => true }) as Pipe,
        () => retry({ count: 2, delay: notifier }),
      ] as const,
  ),
];

describe.each(twins)('%s', (_title, ours, theirs) => {
  it.each(situations.map((situation) => [situation.title, situation] as const))('%s', (_name, situation) => {
    expect(seen(situation, ours())).toStrictEqual(seen(situation, theirs()));
  });
});
