import { reading } from '../core/options.js';
import { answer, type Through } from './answer.js';
import { readFetchOptions, type ResilientFetchOptions } from './fetch-options.js';
import { type FetchPipelines, OriginPipelines } from './fetch-pipelines.js';
import type { FetchInput } from './outgoing-request.js';
import { PlatformFetch } from './platform-fetch.js';

/** A `fetch`, and the pipelines that its requests go through. */
export interface ResilientFetch {
  (input: FetchInput, init?: RequestInit): Promise<Response>;
  readonly pipelines: FetchPipelines;
}

/**
 * A function with the signature and the manners of `fetch` that sends each request through the policies of its origin.
 * Make it once. What the platform's `fetch` takes it takes, and passes on what it does not know.
 *
 * A status from 400 is a failure to the policies and an answer to the caller, the last one after the last retry; with
 * `throwOnStatus` it is an error. Tried again is what is transient, where the method or an `Idempotency-Key` allows it
 * and the body can be sent again. `Retry-After` is respected. The connections of answers that nobody gets are freed.
 *
 * It rejects with what `fetch` rejects with, with the reason of a signal that aborts, with our refusals, and with a
 * `DeadlineExceededError`. It never throws. Once status and headers are there a body is aborted by the signal of the
 * caller only; with `until: 'body'` the deadlines hold for it as well.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 *
 * ```ts
 * const fetch = resilientFetch({ pipeline: (key) => standardPipeline({ name: key, tolerance: 'strict' }) });
 * const response = await fetch('https://api.example/items/7', { signal });
 * ```
 */
export function resilientFetch(options: ResilientFetchOptions = {}): ResilientFetch {
  const read = reading('resilientFetch', () => readFetchOptions(options));
  const platform = options.fetch === undefined ? new PlatformFetch(read.fetch, () => fetch) : undefined;
  const setup = platform === undefined ? read : { ...read, fetch: platform.send };
  const pipelines = new OriginPipelines(setup);
  const through: Through = (request, source) => pipelines.send(setup.key === undefined ? request.origin : setup.key(request.shown), source);
  const fetch = (input: FetchInput, init?: RequestInit): Promise<Response> => {
    platform?.entered();
    return new Promise((resolve, reject) => answer(setup, through, input, init).subscribe({ next: resolve, error: reject }));
  };
  return Object.assign(fetch, { pipelines });
}
