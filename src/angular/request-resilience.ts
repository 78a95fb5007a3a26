import { HttpContext, HttpContextToken } from '@angular/common/http';
import { checkBoolean, checkKeys, checkName, checkNumber, checkOneOf, reading } from '../core/options.js';
import { priorities, type Priority } from '../core/priority.js';

/** What one request wants otherwise. */
export interface RequestResilience {
  /** Under which key the policies are kept that it goes through. Default: what `key` of `provideResilience` says. */
  readonly key?: string | undefined;
  /**
   * Milliseconds for the whole of it, every try and wait included, at least 0. It shortens the deadline of the pipeline
   * and never prolongs it. Default: that of the pipeline.
   */
  readonly deadline?: number | undefined;
  /** How much it matters: in the context of the call, for queues and shedders. Default: that of the context. */
  readonly priority?: Priority | undefined;
  /** Whether it may be made twice. Default: by its method, or because it carries an `Idempotency-Key`. */
  readonly idempotent?: boolean | undefined;
}

const usual: RequestResilience = {};

/** False: nothing of ours. */
export const requestResilience: HttpContextToken<RequestResilience | false> = /*#__PURE__*/ new HttpContextToken<
  RequestResilience | false
>(() => usual);

/**
 * The `context` of a request that wants something otherwise, or, with `false`, no policies at all: no key is made for it.
 *
 * @param context to which it is added. Default a new one
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 *
 * ```ts
 * http.get('/api/payments', { context: withResilience({ deadline: 800, priority: 'critical' }) });
 * ```
 */
export function withResilience(wanted: RequestResilience | false, context: HttpContext = new HttpContext()): HttpContext {
  return context.set(requestResilience, wanted === false ? wanted : reading('withResilience', () => readWanted(wanted)));
}

function readWanted(wanted: RequestResilience): RequestResilience {
  const given = checkKeys('options', wanted, ['key', 'deadline', 'priority', 'idempotent']);
  const { deadline, idempotent, key, priority } = given;
  if (key !== undefined) checkName('key', key);
  if (deadline !== undefined) checkNumber('deadline', deadline, 0);
  if (priority !== undefined) checkOneOf('priority', priority, priorities);
  if (idempotent !== undefined) checkBoolean('idempotent', idempotent);
  return given;
}
