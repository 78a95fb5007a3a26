export { fetch$, type ResilientRequestInit } from './fetch-observable.js';
export type { FetchLike, ResilientFetchOptions } from './fetch-options.js';
export type { FetchPipelines } from './fetch-pipelines.js';
export { HttpStatusError, isHttpStatusError } from './http-status-error.js';
export type { FetchInput } from './outgoing-request.js';
export { resilientFetch, type ResilientFetch } from './resilient-fetch.js';
