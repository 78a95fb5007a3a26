import {
  asapScheduler,
  concat,
  finalize,
  NEVER,
  Observable,
  of,
  type OperatorFunction,
  Subject,
  type Subscription,
  take,
  throwError,
} from 'rxjs';

export type Same = OperatorFunction<unknown, unknown>;

/** Writes down what can be seen of an operator; the same must be seen of `map((x) => x)` in its place. */
export interface Behaviour {
  readonly title: string;
  readonly run: (operator: Same, log: string[]) => void;
}

const consumer = (log: string[], name = ''): object => ({
  next: (value: unknown) => log.push(`${name}next ${String(value)}`),
  error: (error: unknown) => log.push(`${name}error ${String(error)}`),
  complete: () => log.push(`${name}complete`),
});

function logged(source: Observable<unknown>, log: string[]): Observable<unknown> {
  return new Observable((subscriber) => {
    log.push('subscribed');
    const subscription = source.subscribe(subscriber);
    return () => {
      log.push('torn down');
      subscription.unsubscribe();
    };
  });
}

const around = (source: Observable<unknown>, operator: Same, log: string[]): Observable<unknown> =>
  logged(source, log).pipe(
    finalize(() => log.push('further in is finalized')),
    operator,
    finalize(() => log.push('further out is finalized')),
  );

export const behaviours: readonly Behaviour[] = [
  {
    title: 'passes a synchronous source on',
    run: (operator, log) => void around(of(1, 2, undefined), operator, log).subscribe(consumer(log)),
  },
  {
    title: 'passes an empty source on',
    run: (operator, log) => void around(of(), operator, log).subscribe(consumer(log)),
  },
  {
    title: 'passes a value and an error that is undefined on',
    run: (operator, log) =>
      void around(concat(of(1), throwError(() => undefined)), operator, log).subscribe(consumer(log)),
  },
  {
    title: 'passes on what comes later',
    run: (operator, log) => {
      const source = new Subject<unknown>();
      around(source, operator, log).subscribe(consumer(log));
      source.next(1);
      source.next(2);
      log.push(`observed: ${source.observed}`);
      source.complete();
      log.push(`observed: ${source.observed}`);
    },
  },
  {
    title: 'passes on an error that comes later',
    run: (operator, log) => {
      const source = new Subject<unknown>();
      around(source, operator, log).subscribe(consumer(log));
      source.error({ status: 404 });
    },
  },
  {
    title: 'leaves the source with the consumer',
    run: (operator, log) => {
      const subscription = around(NEVER, operator, log).subscribe(consumer(log));
      subscription.add(() => log.push('consumer is finalized'));
      log.push('leaves');
      subscription.unsubscribe();
      subscription.unsubscribe();
    },
  },
  {
    title: 'stops a synchronous source of 10,000 values after the three that are taken',
    run: (operator, log) => {
      let emitted = 0;
      const source = new Observable<unknown>((subscriber) => {
        while (emitted < 10_000 && !subscriber.closed) subscriber.next(emitted++);
        subscriber.complete();
      });
      around(source, operator, log).pipe(take(3)).subscribe(consumer(log));
      log.push(`emitted ${emitted}`);
    },
  },
  {
    title: 'ignores what a source emits after its end',
    run: (operator, log) => {
      const source = new Observable<unknown>((subscriber) => {
        subscriber.next(1);
        subscriber.complete();
        subscriber.next(2);
        subscriber.error(new Error('late'));
      });
      around(source, operator, log).subscribe(consumer(log));
    },
  },
  {
    title: 'turns what a source throws as it is subscribed into its error',
    run: (operator, log) => {
      const source = new Observable<unknown>((subscriber) => {
        subscriber.next(1);
        throw Object.assign(new Error('thrown'), { status: 404 });
      });
      around(source, operator, log).subscribe(consumer(log));
    },
  },
  {
    title: 'keeps two subscriptions apart',
    run: (operator, log) => {
      const sources = [new Subject<unknown>(), new Subject<unknown>()];
      let count = 0;
      const piped = new Observable<unknown>((subscriber) => sources[count++]!.subscribe(subscriber)).pipe(operator);
      piped.subscribe(consumer(log, 'first '));
      const second = piped.subscribe(consumer(log, 'second '));
      sources[1]!.next('b');
      sources[0]!.next('a');
      second.unsubscribe();
      log.push(`observed: ${sources.map(({ observed }) => observed).join()}`);
      sources[0]!.complete();
    },
  },
  {
    title: 'lets a consumer feed its own source',
    run: (operator, log) => {
      const source = new Subject<unknown>();
      around(source, operator, log).subscribe((value) => {
        log.push(`next ${String(value)}`);
        if (value === 1) source.next(2);
        if (value === 2) source.complete();
      });
      source.next(1);
    },
  },
  {
    title: 'lets a consumer leave from within a value',
    run: (operator, log) => {
      const source = new Subject<unknown>();
      const subscription: Subscription = around(source, operator, log).subscribe((value) => {
        log.push(`next ${String(value)}`);
        subscription.unsubscribe();
      });
      source.next(1);
      source.next(2);
      log.push(`observed: ${source.observed}`);
    },
  },
  {
    title: 'lets a consumer subscribe the same pipe again as it ends',
    run: (operator, log) => {
      const piped = around(of(1), operator, log);
      piped.subscribe({ complete: () => piped.subscribe(consumer(log, 'again ')) });
    },
  },
  {
    title: 'lets a consumer subscribe the same pipe again from within a value',
    run: (operator, log) => {
      const piped = around(of(1), operator, log);
      piped.subscribe({ next: () => piped.subscribe(consumer(log, 'again ')), complete: () => log.push('complete') });
    },
  },
  {
    title: 'leaves with a source that is cancelled before it was subscribed to the end',
    run: (operator, log) => {
      const source = new Observable<unknown>((subscriber) => {
        subscriber.next(1);
        log.push(`closed: ${subscriber.closed}`);
        return () => log.push('source torn down');
      });
      source.pipe(operator, take(1)).subscribe(consumer(log));
    },
  },
  {
    title: 'adds no turn of its own',
    run: (operator, log) => {
      const action = asapScheduler.schedule(() => log.push('asap'));
      around(of(1), operator, log).subscribe(consumer(log));
      action.unsubscribe();
    },
  },
];
