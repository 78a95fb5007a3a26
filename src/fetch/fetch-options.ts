import { checkBoolean, checkFunction, checkInteger, checkKeys, checkOneOf, named } from '../core/options.js';
import type { Classify } from '../core/classify.js';
import { type Destinations, readDestinations } from '../http/destinations.js';
import { standardPipeline } from '../pipeline/presets.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import type { DeadlineCodec } from '../wire/deadline-codec.js';
import { checkCodec } from '../wire/outgoing-headers.js';
import { requestTimeout } from '../wire/request-timeout.js';
import type { FetchInput } from './outgoing-request.js';

/** A `fetch` of the platform, of undici, or a function that works as they do. */
export type FetchLike = (input: string, init?: never) => Promise<object>;

/** What `resilientFetch` takes. */
export interface ResilientFetchOptions {
  /** Makes the pipeline of a key, with its first request. Default: `standardPipeline({ name: key })`. */
  readonly pipeline?: ((key: string) => ResiliencePipeline<Response>) | undefined;
  /**
   * Which requests share their policies. It is shown the address, method and headers of the request, not its body.
   * Default: its origin; the scheme, such as `blob:`, where no server is asked.
   */
  readonly key?: ((request: Request) => string) | undefined;
  /** How many keys are kept, 1 to 1,000,000; twice as many while none of them can go. Default 1,000. */
  readonly maxKeys?: number | undefined;
  /**
   * Until when the policies have to do with it: `head`, until status and headers are there; `body`, until the body of an
   * answer below 400 was read to its end, was cancelled or has failed. Default `head`.
   */
  readonly until?: 'head' | 'body' | undefined;
  /**
   * What kind of error it is, of statuses too: they come as an `HttpStatusError`. For the default pipeline; one that
   * `pipeline` makes has its own. Default `classify`.
   */
  readonly classify?: Classify | undefined;
  /**
   * Where the remaining time and the priority go along as headers: origins, or a predicate. A redirect does not take
   * them further. Default: in browsers the page's own origin, elsewhere nowhere.
   */
  readonly propagateTo?: Destinations | undefined;
  /** How the remaining time is written. Default `requestTimeout`. */
  readonly codec?: DeadlineCodec | undefined;
  /** Whether a status from 400 rejects, with an `HttpStatusError`, instead of being an answer. Default false. */
  readonly throwOnStatus?: boolean | undefined;
  /** The function that sends a request. Default: that of the platform, looked up for each request. */
  readonly fetch?: FetchLike | undefined;
}

/** The options in the form in which they are held. */
export interface FetchSetup {
  readonly pipeline: (key: string) => ResiliencePipeline<Response>;
  readonly key: ((request: Request) => string) | undefined;
  readonly maxKeys: number;
  readonly until: 'head' | 'body';
  readonly propagates: (url: URL) => boolean;
  readonly codec: DeadlineCodec;
  readonly throwOnStatus: boolean;
  readonly fetch: (input: FetchInput, init: RequestInit) => Promise<Response>;
}

const names = ['pipeline', 'key', 'maxKeys', 'until', 'classify', 'propagateTo', 'codec', 'throwOnStatus', 'fetch'];

export function readFetchOptions(options: ResilientFetchOptions): FetchSetup {
  const given = checkKeys('options', options, names);
  const { classify, codec, key, maxKeys = 1_000, pipeline, propagateTo, throwOnStatus = false, until = 'head' } = given;
  const { fetch = globalThis.fetch } = given;
  if (pipeline !== undefined) checkFunction('pipeline', pipeline);
  if (key !== undefined) checkFunction('key', key);
  if (classify !== undefined) checkFunction('classify', classify);
  if (classify !== undefined && pipeline !== undefined) {
    throw new TypeError(`${named('classify')} is that of the default pipeline, and pipeline makes others: give it to the pipelines that it makes`);
  }
  return {
    pipeline: pipeline ?? ((name) => standardPipeline({ name, classify })),
    key,
    maxKeys: checkInteger('maxKeys', maxKeys, 1, 1_000_000),
    until: checkOneOf('until', until, ['head', 'body']),
    propagates: propagateTo === undefined ? isOwnOrigin : readDestinations('propagateTo', propagateTo),
    codec: checkCodec('codec', codec ?? requestTimeout),
    throwOnStatus: checkBoolean('throwOnStatus', throwOnStatus),
    fetch: checkFunction('fetch', fetch) as unknown as FetchSetup['fetch'],
  };
}

/** That of the page or worker; elsewhere there is none. */
function isOwnOrigin({ origin }: URL): boolean {
  const own = (globalThis as { location?: { origin?: unknown } }).location?.origin;
  return typeof own === 'string' && own !== 'null' && own === origin;
}
