import { catchError, NEVER, Observable, throwError } from 'rxjs';
import { attempt, classify, currentContext, Deadline, type ErrorClass, grpcTimeout, isDeadlineExceededError } from 'rxjs-resilience';
import { outgoingHeaders, resiliencePipeline, runInContext, withDeadline } from 'rxjs-resilience';

/** What goes over the wire beside the message: `grpc-timeout` says how much time is left. */
export type Metadata = Readonly<Record<string, string>>;

/** A method of a service, as its client sees it. Unsubscribing cancels the call. */
export type Method<I, O> = (message: I, metadata: Metadata) => Observable<O>;

/** How a call has failed: all that leaves a service. */
export interface Status {
  readonly code: number;
  readonly metadata: Metadata;
}

/** The side that answers: everything that is done for a call has what is left of its caller's time, and ends with it. */
export function serve<I, O>(handle: (message: I) => Observable<O>, maximum = 30_000): Method<I, O> {
  return (message, metadata) =>
    new Observable<O>((subscriber) => {
      const left = grpcTimeout.decode(metadata[grpcTimeout.header] ?? '', 0) ?? maximum;
      const deadline = Deadline.after(Math.min(left, maximum));
      return runInContext({ deadline }, () => handle(message).pipe(withDeadline()).subscribe(subscriber));
    }).pipe(catchError((error: unknown) => throwError(() => statusOf(error))));
}

/** The side that asks. Made once for each service, however many methods it has. */
export function client(name: string) {
  const policies = resiliencePipeline({
    name,
    // A part of what is left, so that there is time for another try.
    attemptDeadline: { within: 2_000, share: 0.6 },
    // What was cut by a caller in a hurry says nothing of the service, unless it had a fair time.
    breaker: { hungAfter: 300 },
    retry: { maxRetries: 1, retryIf: (error) => classOf(error) === 'transient' && !isFinal(error) },
    deadline: 5_000,
    classify: classOf,
  });
  const call = <I, O>(method: Method<I, O>, message: I): Observable<O> =>
    attempt(({ deadline }) => {
      // Anew for each try: there is less left each time. Ten milliseconds are for the way.
      const metadata = outgoingHeaders(currentContext(), { codec: grpcTimeout, reserve: 10, priority: false });
      return method(message, metadata).pipe(
        // It says that its time is over just before ours is. Whether that was fair our own deadline knows best.
        catchError((status: unknown) => (isTooLate(status) && deadline!.remaining() < 50 ? NEVER : throwError(() => status))),
      );
    }).pipe(policies);
  return { call, breaker: policies.parts.breaker };
}

const [cancelled, deadlineExceeded, failedPrecondition, internal, unavailable] = [1, 4, 9, 13, 14];

/** What gRPC says instead of "not again": the service that is next to what failed has tried, and the others need not. */
const notAgain: Metadata = { 'grpc-retry-pushback-ms': '-1' };

function isStatus(error: unknown): error is Status {
  const { code, metadata } = Object(error) as Partial<Status>;
  return Number.isInteger(code) && typeof metadata === 'object';
}

function isTooLate(error: unknown): boolean {
  return isStatus(error) && error.code === deadlineExceeded;
}

function isFinal(error: unknown): boolean {
  return isStatus(error) && error.metadata['grpc-retry-pushback-ms'] === '-1';
}

/** What has failed further in is no failure of the service that says so. */
function classOf(error: unknown): ErrorClass {
  return isFinal(error) && !isTooLate(error) ? 'refused' : classify(error);
}

/** No text, no stack, nothing of what is further in. */
export function statusOf(error: unknown): Status {
  if (isStatus(error)) return { code: error.code, metadata: notAgain };
  if (isDeadlineExceededError(error)) return { code: deadlineExceeded, metadata: notAgain };
  const kind = classify(error);
  if (kind === 'refused') return { code: unavailable, metadata: notAgain };
  if (kind === 'permanent') return { code: failedPrecondition, metadata: {} };
  return { code: kind === 'transient' ? unavailable : kind === 'aborted' ? cancelled : internal, metadata: {} };
}
