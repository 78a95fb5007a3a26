import { Observable } from 'rxjs';
import { show } from '../core/options.js';
import { onAbort } from '../operator/abort.js';
import { reasonOf } from '../operator/abort-reason.js';
import { emitLast, Hearing } from '../operator/last-value.js';
import { shared } from '../operator/shared.js';
import { abandon } from './abandon.js';
import { CallSource, FetchCall } from './fetch-call.js';
import type { FetchSetup } from './fetch-options.js';
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
    if (signal?.aborted === true) throw reasonOf(signal);

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
    const give = (value: unknown, emit: (given: Response) => void): void => {
      if (call.given) return discardAnswer(value);
      const given = call.give(value);
      if (given === undefined) subscriber.error(noAnswer(show(value)));
      else emit(given);
    };
    const answers = new Hearing({
      next: (value) => give(value, (given) => subscriber.next(given)),
      last: (value) => {
        give(value, (given) => emitLast(subscriber, given));
        if (!subscriber.closed) subscriber.complete();
      },
      error: (error) => {
        const settled = call.settle(error);
        if ('error' in settled) subscriber.error(settled.error);
        else givenUp(settled.answer, () => emitLast(subscriber, settled.answer));
      },
      complete: () => {
        if (call.given) subscriber.complete();
        else subscriber.error(noAnswer('none'));
      },
    });
    subscriber.add(answers);
    through(request, new CallSource(call)).subscribe(answers);
  });
}

/** A retry that has given up with an error has given up with the answer that it stood for. */
function givenUp(answer: Response, emit: () => void): void {
  const { gaveUp } = shared;
  if (gaveUp !== undefined) shared.gaveUp = { error: answer };
  try {
    emit();
  } finally {
    shared.gaveUp = gaveUp;
  }
}

function discardAnswer(value: unknown): void {
  if (isResponse(value)) abandon(value);
}

function noAnswer(got: string): TypeError {
  return new TypeError(`a fallback must answer with a Response, got ${got}`);
}
