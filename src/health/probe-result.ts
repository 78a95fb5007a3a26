import type { Health, HealthStatus } from '../core/health.js';
import { httpStatusOf } from '../core/http-status.js';
import { show } from '../core/options.js';
import { statuses } from './health-source.js';

/** What a probe may say in so many words. */
export interface ProbeReport {
  readonly status: HealthStatus;
  /** Shown with the health: figures and states, never the text of an error. */
  readonly details?: Health['details'] | undefined;
}

/**
 * What a probe says, or an observable, promise or async iterable whose first value says it. `void`, `true` or a value is
 * `up`, `false` is `down`, and a `ProbeReport` is as it says. A value that carries an HTTP status (a `Response`) is `up`
 * from 200 to 399, else `down`; so is what has `ok: false` and no status. The check cancels the body of a `Response`. An
 * `Error`, `NaN`, and an object whose `status` or `details` are nothing of the kind are `down`: they prove nothing.
 */
export type ProbeResult = unknown;

/** What came of one probe. */
export interface Result {
  readonly status: HealthStatus;
  readonly details: Health['details'];
  readonly error?: unknown;
}

/** What a probe failed by. Its text may hold what is nobody's business. */
export function failure(error: unknown): Result {
  return { status: 'down', details: { reason: 'error' }, error };
}

/** What a probe said, or that it ended without saying anything. */
export function readResult(value: unknown): Result {
  try {
    return read(value);
  } catch (thrown) {
    // A getter of the user's.
    return failure(thrown);
  }
}

function read(value: unknown): Result {
  if (value === false) return { status: 'down', details: {} };
  if (Number.isNaN(value)) return invalid('NaN');
  if (typeof value !== 'object' || value === null) return { status: 'up', details: {} };
  if (Object.prototype.toString.call(value) === '[object Error]') return failure(value);
  const httpStatus = httpStatusOf(value);
  if (httpStatus !== undefined) return { status: httpStatus >= 200 && httpStatus < 400 ? 'up' : 'down', details: { httpStatus } };
  if (!('status' in value)) return { status: (value as { readonly ok?: unknown }).ok === false ? 'down' : 'up', details: {} };
  const { status, details } = value as { readonly status: unknown; readonly details?: unknown };
  if (!(statuses as readonly unknown[]).includes(status)) return invalid(`status ${show(status)}`);
  if (details === undefined) return { status: status as HealthStatus, details: {} };
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return invalid(`details ${show(details)}`);
  return { status: status as HealthStatus, details: { ...details } };
}

function invalid(what: string): Result {
  const allowed = "void, true or a value for up, false for down, or { status: 'up' | 'degraded' | 'down' | 'unknown', details? }";
  return { status: 'down', details: { reason: 'invalid result' }, error: new TypeError(`a probe returned ${what}; it may return ${allowed}`) };
}
