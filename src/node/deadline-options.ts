import type { IncomingMessage } from 'node:http';
import type { SchedulerLike } from 'rxjs';
import { checkFunction, checkKeys, checkNumber, refusal } from '../core/options.js';
import { isSafe } from '../http/methods.js';
import { checkScheduler } from '../operator/clock.js';
import type { DeadlineCodec } from '../wire/deadline-codec.js';
import { grpcTimeout } from '../wire/grpc-timeout.js';
import { checkCodec } from '../wire/outgoing-headers.js';
import { envoyTimeout, requestTimeout } from '../wire/request-timeout.js';

/** What `deadlineMiddleware` and `deadlinePlugin` take. */
export interface DeadlineMiddlewareOptions {
  /** The most that a request may ask for, in milliseconds, above 0. Default 60,000. */
  readonly maximum?: number | undefined;
  /** Milliseconds for a request in which no header says how long it may take, above 0 to `maximum`. Default: no deadline. */
  readonly fallback?: number | undefined;
  /**
   * The headers that are read; the first one that can be read counts. Default `requestTimeout`, `grpcTimeout`,
   * `envoyTimeout`.
   */
  readonly accept?: readonly DeadlineCodec[] | undefined;
  /**
   * Whether the `Priority` header of a request is read. It can only lower the priority of the context in which the
   * middleware runs. Anything but `true`, and what it throws, means no. Default: never.
   */
  readonly trustPriority?: ((req: IncomingMessage) => boolean) | undefined;
  /**
   * Whether the deadline that a header of a request asks for may count against what it calls. Otherwise it only cuts the
   * work of this request: its expiry opens no circuit breaker, unless the breaker has a `hungAfter` of its own. Say yes
   * for callers who wait as long as the work may rightly take. Anything but `true`, and what it throws, means no.
   * Default: never.
   */
  readonly trustDeadline?: ((req: IncomingMessage) => boolean) | undefined;
  /**
   * The requests whose work is cancelled when the client goes away: methods, or a function of which anything but `true`,
   * and what it throws, means no. Default: the safe methods, `GET`, `HEAD`, `OPTIONS` and `TRACE`.
   */
  readonly cancelOnDisconnect?: readonly string[] | ((req: IncomingMessage) => boolean) | undefined;
  /** Clock and timers of the deadlines. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

export const deadlineOptionNames: readonly string[] = [
  ...['maximum', 'fallback', 'accept', 'trustPriority', 'trustDeadline', 'cancelOnDisconnect', 'scheduler'],
];

/** The options as they are used: complete, and no question among them throws. */
export interface DeadlineSetup {
  readonly maximum: number;
  readonly fallback: number | undefined;
  readonly accept: readonly DeadlineCodec[];
  readonly trustsPriority: (req: IncomingMessage) => boolean;
  readonly trustsDeadline: (req: IncomingMessage) => boolean;
  readonly cancels: (req: IncomingMessage) => boolean;
  readonly scheduler: SchedulerLike | undefined;
}

export function readDeadlineOptions(options: DeadlineMiddlewareOptions): DeadlineSetup {
  const given = checkKeys('options', options, deadlineOptionNames);
  const { accept = [requestTimeout, grpcTimeout, envoyTimeout], cancelOnDisconnect, fallback, scheduler } = given;
  const { maximum = 60_000, trustDeadline = () => false, trustPriority = () => false } = given;
  checkNumber('maximum', maximum, Number.MIN_VALUE);
  if (fallback !== undefined) checkNumber('fallback', fallback, Number.MIN_VALUE, maximum);
  if (!Array.isArray(accept)) throw refusal('accept', 'a list of codecs', accept);
  checkScheduler(scheduler);
  return {
    maximum,
    fallback,
    accept: accept.map((codec, index) => checkCodec(`accept[${index}]`, codec)),
    trustsPriority: yesOf(checkFunction('trustPriority', trustPriority)),
    trustsDeadline: yesOf(checkFunction('trustDeadline', trustDeadline)),
    cancels: readCancelled(cancelOnDisconnect),
    scheduler,
  };
}

function readCancelled(given: DeadlineMiddlewareOptions['cancelOnDisconnect']): DeadlineSetup['cancels'] {
  if (given === undefined) return ({ method = '' }) => isSafe(method);
  if (typeof given === 'function') return yesOf(given);
  if (!Array.isArray(given)) {
    throw refusal('cancelOnDisconnect', 'a list of methods or a function', given);
  }
  const methods = given.map(checkMethod);
  return ({ method = '' }) => methods.includes(method);
}

/** Methods are told apart by case: one in small letters would never be sent. */
function checkMethod(method: unknown): string {
  if (typeof method === 'string' && /^[A-Z][A-Z-]*$/.test(method)) return method;
  throw refusal('cancelOnDisconnect', "methods such as 'GET'", method);
}

/** A promise is no yes, and neither is an error that a request can cause. */
function yesOf(ask: (req: IncomingMessage) => unknown): (req: IncomingMessage) => boolean {
  return (req) => {
    try {
      return ask(req) === true;
    } catch {
      return false;
    }
  };
}
