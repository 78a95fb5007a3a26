import { Observable, type Subscriber } from 'rxjs';
import { isRetryExhaustedError } from '../retry/retry-exhausted-error.js';
import { abortWith, reasonOf } from '../operator/abort-reason.js';
import type { CallLimits } from '../operator/frame.js';
import { emitLast, Hearing } from '../operator/last-value.js';
import { ambient, carrying, shared } from '../operator/shared.js';
import { abandon } from './abandon.js';
import type { FetchSetup } from './fetch-options.js';
import { following } from '../http/followed-signal.js';
import { emptied, type HttpStatusError, statusError } from './http-status-error.js';
import { isResponse } from './like-response.js';
import type { OutgoingRequest } from './outgoing-request.js';
import { send } from './send.js';
import { hasBody, type WatchedBody, watchedBody } from './watched-body.js';

/** The tries of a call: each subscription is one. */
export class CallSource extends Observable<Response> {
  constructor(readonly call: FetchCall) {
    super((tried) => call.attempt(tried));
  }
}

/** One call: its tries, the answer that is given out, and what becomes of all others. */
export class FetchCall {
  /** What the policies may do with it, as long as they do anything. */
  readonly limits: CallLimits;
  /** An answer has been given out. */
  given = false;
  /** Why the caller has left. */
  reason: unknown = undefined;
  /** The latest answer, while it is nobody's. */
  private open: Response | undefined = undefined;
  /** It has got past what tries again. */
  private isPast = false;
  private isOver = false;
  private failure: HttpStatusError | undefined = undefined;

  constructor(
    private readonly setup: FetchSetup,
    private readonly request: OutgoingRequest,
  ) {
    const mayRepeat = (): boolean => !this.given && request.isRepeatable;
    this.limits = {
      // Asked when a try has failed: a body may be there again by then, and an answer may have been given out.
      get maxRetries() {
        return mayRepeat() ? Infinity : 0;
      },
    };
  }

  attempt(tried: Subscriber<Response>): () => void {
    const controller = new AbortController();
    const link = following(controller, this.request.signal);
    let body: WatchedBody | undefined;
    let over = false;
    const end = (): void => {
      over = true;
      link.end();
    };
    const fail = (error: unknown): void => {
      if (over) return;
      end();
      tried.error(error);
    };
    carrying(ambient(), () => send(this.setup, this.request, controller.signal))
      .then((answer) => {
        if (over) return abandon(answer);
        const isReadable = hasBody(answer);
        if (answer.status >= 400 || !isReadable || this.setup.until === 'head') {
          over = true;
          if (isReadable) link.whileReadable(answer.body!);
          else link.end();
          this.deliver(answer, tried);
        } else {
          body = watchedBody(answer, {
            ended: () => {
              end();
              tried.complete();
            },
            failed: fail,
          });
          this.open = body.response;
          tried.next(body.response);
          // Nobody is there any more who could read it.
          if (this.isOver) this.release();
        }
      })
      .catch(fail);
    return () => {
      if (over) return;
      end();
      abortWith(controller, this.reason ?? shared.cause?.cut);
      body?.fail(reasonOf(controller.signal));
    };
  }

  /** What comes here from the policies further in will not be tried again. */
  past(answers: Observable<unknown>): Observable<unknown> {
    return new Observable((subscriber) => {
      const hearing = new Hearing({
        next: (value) => subscriber.next(value),
        error: (error) => {
          this.isPast = true;
          // Nobody can answer any more instead of what is given out: whoever reads it has the error.
          if (this.given) subscriber.complete();
          else subscriber.error(error);
        },
        complete: () => subscriber.complete(),
        last: (value) => emitLast(subscriber, value),
      });
      subscriber.add(hearing);
      answers.subscribe(hearing);
    });
  }

  /** Hands out an answer, of a try or of a fallback; undefined for what is none. */
  give(value: unknown): Response | undefined {
    if (value === this.open) this.open = undefined;
    else if (!isResponse(value)) return undefined;
    this.given = true;
    this.request.drop();
    return value as Response;
  }

  /** What the caller gets of an error that says nothing but the status of an answer: the answer, or an error of their own. */
  settle(error: unknown): { readonly answer: Response } | { readonly error: unknown } {
    const { failure } = this;
    const wrapped = isRetryExhaustedError(error);
    if (failure === undefined || (wrapped ? error.cause : error) !== failure) return { error };
    const { response } = failure;
    this.given = true;
    if (this.open === response) this.open = undefined;
    // Policies remember the one that they have seen.
    emptied(failure);
    if (!this.setup.throwOnStatus) {
      // A retry that was told to wait has given up later: by then nobody has kept the body.
      return { answer: response.bodyUsed || response.body?.locked === true ? failure.response : response };
    }
    const own = statusError(response, this.request.origin);
    if (!wrapped) return { error: own };
    Object.defineProperty(error, 'cause', { value: own });
    return { error };
  }

  end(): void {
    this.isOver = true;
    this.release();
    this.request.drop();
  }

  private deliver(answer: Response, tried: Subscriber<Response>): void {
    this.open = answer;
    if (answer.status >= 400) {
      tried.error((this.failure = statusError(answer, this.request.origin)));
    } else {
      emitLast(tried, answer);
    }
    // It has been neither given out nor left to a fallback: it will be tried again, or nobody is there any more.
    if (this.open === answer && (!this.isPast || this.isOver)) this.release();
  }

  private release(): void {
    const { open } = this;
    this.open = undefined;
    if (open !== undefined) abandon(open);
  }
}
