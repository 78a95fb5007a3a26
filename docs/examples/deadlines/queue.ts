import { asyncScheduler, catchError, EMPTY, from, mergeMap, type Observable } from 'rxjs';
import { absoluteDeadline, currentContext, Deadline, decodePriority, outgoingHeaders, runInContext } from 'rxjs-resilience';
// It makes contexts cross `await`.
import 'rxjs-resilience/node';

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

// A message may wait for long: it carries an instant, not what was left when it was sent.
const instant = absoluteDeadline({ maxSkew: 10_000 });

/** What a message takes along from whoever sends it. */
export const message = (body: string): Message => ({ headers: outgoingHeaders(currentContext(), { codec: instant, reserve: 0 }), body });

/** The context of a message. Its sender chose the deadline: `trusted` only for senders who know how long the work takes. */
function contextOf({ headers }: Message) {
  const left = instant.decode(headers[instant.header] ?? '', asyncScheduler.now()) ?? 30_000;
  const priority = decodePriority(headers['Priority'] ?? '') ?? 'sheddable';
  return { deadline: Deadline.after(Math.min(left, 60_000), { trusted: false }), priority };
}

/** Ten at once. What comes too late, or fails, is left out. */
export const consume = (messages$: Observable<Message>, handle: (body: string) => Promise<string>): Observable<string> =>
  messages$.pipe(
    mergeMap((one) => {
      const context = contextOf(one);
      if (context.deadline.isExpired()) return EMPTY;
      return from(runInContext(context, () => handle(one.body))).pipe(catchError(() => EMPTY));
    }, 10),
  );

/** A job that is run by a timetable: nobody sent a deadline, so it has one of its own. */
export const nightly = (work: () => Promise<void>): Promise<void> =>
  runInContext({ deadline: Deadline.after(600_000), priority: 'sheddable' }, work);
