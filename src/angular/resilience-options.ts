import type { HttpRequest } from '@angular/common/http';
import { checkFunction, checkInteger, checkKeys, checkOneOf } from '../core/options.js';
import { type Destinations, readDestinations } from '../http/destinations.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';

/** What `provideResilience` takes. */
export interface ResilienceOptions {
  /**
   * Which requests share their policies. Default: the origin and the first two segments of the path that are no ids
   * (digits, UUIDs, over 32 characters), such as `https://api.example/orders/items`. Where the second is `api`, a version or
   * a locale, up to the first one that is not: `https://api.example/api/v1/orders`.
   */
  readonly key?: ((request: HttpRequest<unknown>) => string) | undefined;
  /** Makes the pipeline of a key, with its first request. Default: `standardPipeline({ name: key })`. */
  readonly pipeline?: ((key: string) => ResiliencePipeline<unknown>) | undefined;
  /** How many keys are kept, 1 to 1,000,000; twice as many while none of them can go. Default 100. */
  readonly maxKeys?: number | undefined;
  /**
   * Where the remaining time and the priority of a request go along as headers: origins, or a predicate. Elsewhere they
   * would cost a CORS preflight. Default: the page's own origin.
   */
  readonly propagateTo?: Destinations | undefined;
  /**
   * What a refusal and an expired deadline are for the application: an `HttpErrorResponse` that has our error as its
   * `error`, or (`raw`) our error itself. Default `http`.
   */
  readonly errors?: 'http' | 'raw' | undefined;
}

/** The options, once they are checked. */
export interface ResilienceSetup extends Omit<ResilienceOptions, 'propagateTo'> {
  readonly maxKeys: number;
  readonly errors: 'http' | 'raw';
  /** Undefined: to the page's own origin. */
  readonly propagateTo: ((url: URL) => boolean) | undefined;
}

export function readResilience(options: ResilienceOptions): ResilienceSetup {
  const given = checkKeys('options', options, ['key', 'pipeline', 'maxKeys', 'propagateTo', 'errors']);
  const { errors = 'http', key, maxKeys = 100, pipeline, propagateTo } = given;
  if (key !== undefined) checkFunction('key', key);
  if (pipeline !== undefined) checkFunction('pipeline', pipeline);
  checkInteger('maxKeys', maxKeys, 1, 1_000_000);
  checkOneOf('errors', errors, ['http', 'raw']);
  const destinations = propagateTo === undefined ? undefined : readDestinations('propagateTo', propagateTo);
  return { key, pipeline, maxKeys, errors, propagateTo: destinations };
}
