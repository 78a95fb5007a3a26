import { type HttpEvent, type HttpHandlerFn, type HttpRequest, HttpResponse } from '@angular/common/http';
import { untracked } from '@angular/core';
import { Observable, type Subscriber } from 'rxjs';
import { outgoingHeaders } from '../wire/outgoing-headers.js';
import { passingContext } from './passing-context.js';
import type { RequestRules } from './through-pipeline.js';

/** One request, as what is sent and sent again. */
export interface RequestToSend {
  readonly request: HttpRequest<unknown>;
  readonly next: HttpHandlerFn;
  /** Whether where it goes may know of its context. */
  readonly propagates: boolean;
  readonly rules: RequestRules;
  /** Takes what is no response: that it was sent, how much of it has come. */
  beside(event: HttpEvent<unknown>): void;
}

/**
 * The responses of a request, and nothing but them: events that are none pass beside the policies, so that no policy can
 * take them for an answer. Each subscription is a try: it goes anew through the interceptors further down.
 */
export class RequestSource extends Observable<HttpResponse<unknown>> {
  constructor(readonly sent: RequestToSend) {
    super((subscriber) => send(sent, subscriber));
  }
}

function send({ beside, next, propagates, request }: RequestToSend, subscriber: Subscriber<HttpResponse<unknown>>): () => void {
  const context = passingContext(request.context);
  const clone = request.clone(propagates ? { context, setHeaders: headersOf(request) } : { context });
  // It is Angular that keeps interceptors from being tracked, while it calls them itself.
  const events = untracked(() => next(clone));
  const subscription = events.subscribe({
    next: (event) => (event instanceof HttpResponse ? subscriber.next(event) : beside(event)),
    error: (error: unknown) => subscriber.error(error),
    complete: () => subscriber.complete(),
  });
  return () => subscription.unsubscribe();
}

/** What is left now, and how much it matters. What the request says itself stays. */
function headersOf({ headers }: HttpRequest<unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(outgoingHeaders()).filter(([name]) => !headers.has(name)));
}
