import { Observable } from 'rxjs';
import { show } from '../core/options.js';
import { abandon } from './abandon.js';
import { CallSource, FetchCall } from './fetch-call.js';
import type { FetchSetup } from './fetch-options.js';
import { onAbort } from '../http/followed-signal.js';
import { isResponse } from './like-response.js';
import { type FetchInput, OutgoingRequest } from './outgoing-request.js';

/** How a call goes through its policies. */
export type Through = (request: OutgoingRequest, source: CallSource) => Observable<unknown>;

/** The one answer to a request. Whatever goes wrong is its error; unsubscribing before it aborts the request. */
export function answer(setup: FetchSetup, through: Through, input: FetchInput, init: RequestInit | undefined): Observable<Response> {
  return new Observable((subscriber) => {
    const request = new OutgoingRequest(input, init);
    const call = new FetchCall(setup, request);
    const { signal } = request;
    if (signal?.aborted === true) throw signal.reason;

    subscriber.add(() => call.end());
    // Before anything further in that listens to the same signal.
    if (signal !== undefined) {
      subscriber.add(
        onAbort(signal, (reason) => {
          call.reason = reason;
          subscriber.error(reason);
        }),
      );
    }
    const answers = through(request, new CallSource(call)).subscribe({
      next: (value) => {
        if (call.given) {
          if (isResponse(value)) abandon(value);
          return;
        }
        const given = call.give(value);
        if (given === undefined) subscriber.error(noAnswer(show(value)));
        else subscriber.next(given);
      },
      error: (error: unknown) => {
        const settled = call.settle(error);
        if ('error' in settled) subscriber.error(settled.error);
        else {
          subscriber.next(settled.answer);
          subscriber.complete();
        }
      },
      complete: () => {
        if (call.given) subscriber.complete();
        else subscriber.error(noAnswer('none'));
      },
    });
    subscriber.add(answers);
  });
}

function noAnswer(got: string): TypeError {
  return new TypeError(`a fallback must answer with a Response, got ${got}`);
}
