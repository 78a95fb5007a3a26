import { HttpException } from '@nestjs/common';
import { classify } from '../core/classify.js';
import { httpStatusOf } from '../core/http-status.js';
import { read } from '../core/read.js';
import { disguised, undisguised } from './disguise.js';

/** By shape: there may be a second copy of Nest. */
export function isHttpException(error: unknown): error is object {
  return typeof read(error, 'getStatus') === 'function';
}

/**
 * What a handler has thrown as its policy is to see it. A 4xx is an answer, whichever it is: a client that sends too much
 * (429) or too slowly (408) is no reason to open a circuit or to ask the handler again.
 */
export function asAnswer(error: unknown): unknown {
  if (!isHttpException(error)) return error;
  const status = httpStatusOf(error) ?? 500;
  return status >= 400 && status < 500 && classify(error) !== 'permanent' ? disguised(error, { status: 400 }) : error;
}

/** What Nest is shown of the error of a call: the handler's own error, and nothing to report where the client has left. */
export function asShown(error: unknown, caller: AbortSignal | undefined): unknown {
  const shown = undisguised(error);
  const left = caller?.aborted === true && classify(shown) === 'aborted';
  return left ? new HttpException({ statusCode: 499, message: 'Client Closed Request' }, 499) : shown;
}
