import { idempotencyHeader, isRepeatable } from '../http/methods.js';

/** What is read of a configuration of axios. */
export interface AxiosConfig {
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly data?: unknown;
  readonly headers?: object | undefined;
  readonly adapter?: unknown;
  readonly beforeRedirect?: ((options: RedirectOptions, ...more: unknown[]) => void) | undefined;
}

/** What axios is about to send after a redirect. */
export interface RedirectOptions {
  readonly href?: string;
  readonly headers: Record<string, unknown>;
}

export function isRepeatableRequest(method: string, { headers = {} }: AxiosConfig): boolean {
  const wanted = idempotencyHeader.toLowerCase();
  const key = Object.entries(headers as Record<string, unknown>).find(([name]) => name.toLowerCase() === wanted);
  return isRepeatable(method, key?.[1] != null);
}

/** A stream is read once, whichever kind it is; a form of the package `form-data` is one. */
export function hasOneShotBody(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { pipe, getReader } = data as { pipe?: unknown; getReader?: unknown };
  return typeof pipe === 'function' || typeof getReader === 'function' || Symbol.asyncIterator in data;
}
