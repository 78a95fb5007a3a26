import { defer, type Observable } from 'rxjs';
import { refusal } from '../core/options.js';
import { isPipeline } from '../pipeline/part-options.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import { answer } from './answer.js';
import { type FetchSetup, readFetchOptions } from './fetch-options.js';
import { OriginPipelines } from './fetch-pipelines.js';
import type { FetchInput } from './outgoing-request.js';
import { throughPipeline } from './through-pipeline.js';

/** What `fetch` takes, and what the request goes through. */
export interface ResilientRequestInit extends RequestInit {
  /** A pipeline that is kept, and not made for each request. Default: one for each origin, `standardPipeline`. */
  readonly resilience?: ResiliencePipeline<Response> | undefined;
}

let kept: OriginPipelines | undefined;

/**
 * A request as an observable of its response, with the manners of `fetch`: each subscription sends it, and unsubscribing
 * before the response aborts it. A status from 400 is a response.
 *
 * It errors with what `fetch` rejects with, with the reason of a signal that aborts, with our refusals, and with a
 * `DeadlineExceededError`. The body is read outside of the policies, and is not aborted by them. A `Request` that has a
 * body is used up with its first subscription.
 *
 * @throws TypeError for a `resilience` that is no pipeline
 *
 * ```ts
 * const items$ = fetch$('/items', { resilience: catalog }).pipe(switchMap((response) => response.json()));
 * ```
 */
export function fetch$(input: FetchInput, init: ResilientRequestInit = {}): Observable<Response> {
  const { resilience, ...others } = init;
  if (resilience !== undefined && !isPipeline(resilience)) {
    throw refusal('resilience', 'a resiliencePipeline', resilience);
  }
  return defer(() => {
    const setup: FetchSetup = readFetchOptions({});
    return answer(
      setup,
      (request, source) =>
        resilience === undefined ? (kept ??= new OriginPipelines(setup)).send(request.origin, source) : throughPipeline(resilience, source),
      input,
      // A `Request` may be given as init, and shows nothing of its own.
      resilience === undefined ? init : others,
    );
  });
}
