import type { ArgumentsHost } from '@nestjs/common';
import { read } from '../core/read.js';
import type { ErrorAnswer } from '../http/to-http-response.js';

/** What the caller of a message handler is told. A retry of ours on its side reads `statusCode` and `retryAfter`. */
export interface MessageError {
  readonly status: 'error';
  readonly message: string;
  readonly statusCode?: number;
  /** Milliseconds. */
  readonly retryAfter?: number;
  /** The status of gRPC, in a handler of it. */
  readonly code?: number;
}

/** RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, DEADLINE_EXCEEDED. */
const grpcCodes: Readonly<Record<ErrorAnswer['status'], number>> = { 429: 8, 500: 13, 503: 14, 504: 4 };

export function messageError({ status, text, retryAfter }: ErrorAnswer, host: ArgumentsHost): MessageError {
  const wait = retryAfter === undefined ? {} : { retryAfter: Math.ceil(retryAfter) };
  const code = isGrpc(host) ? { code: grpcCodes[status] } : {};
  return { status: 'error', message: text, statusCode: status, ...wait, ...code };
}

/** A handler of gRPC is given the metadata of the call. */
function isGrpc(host: ArgumentsHost): boolean {
  const metadata = host.getArgByIndex<{ readonly getMap?: unknown } | null | undefined>(1);
  return host.getType() === 'rpc' && typeof metadata?.getMap === 'function';
}

/** As Nest tells an error that is not ours: what a `RpcException` or `WsException` says, and nothing of any other. */
export function messageOf(error: unknown): unknown {
  const getError = read(error, 'getError');
  try {
    if (typeof getError === 'function') {
      const said: unknown = getError.call(error);
      return typeof said === 'object' && said !== null ? said : { status: 'error', message: said };
    }
  } catch {
    // A foreign method that throws says nothing.
  }
  return { status: 'error', message: 'Internal server error' };
}

interface Socket {
  readonly readyState?: unknown;
  send?(text: string): void;
  emit?(event: string, data: unknown): void;
}

/** A socket of `ws` also emits, to itself. */
export function tellSocket(data: unknown, host: ArgumentsHost): undefined {
  const socket = host.getArgByIndex<Socket>(0);
  if (typeof socket.readyState === 'number') socket.send?.(JSON.stringify({ event: 'exception', data }));
  else socket.emit?.('exception', data);
}
