import { catchError, delay, distinctUntilChanged, endWith, finalize, ignoreElements, map, mergeMap, NEVER } from 'rxjs';
import { Observable, type ObservableInput, of, switchMap, takeUntil, tap } from 'rxjs';
import { attempt, type AttemptContext, bulkhead, type CallContext, circuitBreaker, classify, Deadline } from 'rxjs-resilience';
import { isCircuitOpenError, type Priority, retryWithBackoff, runInContext, withDeadline } from 'rxjs-resilience';

/** What a broker hands over, and wants to hear of again. */
export interface Job<T> {
  readonly id: string;
  readonly body: T;
  readonly priority: Priority;
  /** Epoch milliseconds after which it is of no use to anybody. */
  readonly expiresAt: number;
  /** It is done, and never comes again. */
  ack(): void;
  /** It is not done: back into the queue, or to where somebody looks at what cannot be done. */
  nack(where: 'requeue' | 'deadLetter'): void;
}

/** What has become of a job. */
export interface Settled {
  readonly id: string;
  readonly as: 'done' | 'requeue' | 'deadLetter';
  readonly error?: unknown;
}

/** Made once for what the jobs depend on. `work` may be called again for the same id, and must do it once all the same. */
export function queueConsumer<T>(work: (job: Job<T>, context: AttemptContext) => ObservableInput<unknown>) {
  const breaker = circuitBreaker({ name: 'jobs', maxProbes: 5 });
  const pool = bulkhead(5, { size: 20, order: 'priority', timeout: Infinity }, { name: 'jobs' });
  // No budget: five at once is what bounds the load, and what is not tried again here the broker delivers again.
  const tries = retryWithBackoff({ name: 'jobs', maxRetries: 2, budget: false });
  const whileOpen = retryWithBackoff({
    ...{ name: 'circuit', maxRetries: Infinity, maxRetryAfter: 300_000, budget: false },
    retryIf: (error) => isCircuitOpenError(error),
  });
  const [each, whole] = [withDeadline(10_000, { name: 'try' }), withDeadline()];

  const settle = (job: Job<T>): Observable<Settled> => {
    const deadline = Deadline.at(job.expiresAt);
    let inHand = true;
    const call = attempt((context) => work(job, context)).pipe(
      each, //      a job that hangs is a failure
      breaker, //   asked when it is the job's turn, not when the job came
      pool, //      five at once; of those who wait the more important first
      tries, //     what may pass, three times in all
      whileOpen, // what was refused waits for the circuit
      whole, //     and is given up when its time is over
    );
    return inContext({ deadline, priority: job.priority, tags: { job: job.id } }, call).pipe(
      ignoreElements(),
      endWith({ as: 'done' } as const),
      catchError((error: unknown) => {
        const hopeless = ['permanent', 'bug'].includes(classify(error)) || deadline.isExpired();
        return of({ as: hopeless ? 'deadLetter' : 'requeue', error } as const);
      }),
      map((end): Settled => ({ id: job.id, ...end })),
      tap(({ as }) => {
        inHand = false;
        if (as === 'done') job.ack();
        else job.nack(as);
      }),
      finalize(() => inHand && job.nack('requeue')),
    );
  };

  /** Works off `jobs$` until `stop$` emits; what is in hand then has `drain` ms to end. */
  const consume = (jobs$: Observable<Job<T>>, stop$: Observable<unknown>, drain = 20_000): Observable<Settled> =>
    breaker.state$.pipe(
      map((state) => state === 'closed' || state === 'half-open'),
      distinctUntilChanged(),
      switchMap((flows) => (flows ? jobs$ : NEVER)), // nothing is taken while the circuit is open
      takeUntil(stop$),
      mergeMap(settle, 20),
      takeUntil(stop$.pipe(delay(drain))),
    );

  return { breaker, pool, consume };
}

/** The context has to be there while it is subscribed, and mergeMap does that after it has asked for it. */
function inContext<T>(context: Partial<CallContext>, source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => runInContext(context, () => source.subscribe(subscriber)));
}
