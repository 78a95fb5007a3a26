import { idempotencyHeader, isRepeatable } from '../http/methods.js';

/** What is read of a configuration of axios. */
export interface AxiosConfig {
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly data?: unknown;
  readonly headers?: object | undefined;
  readonly signal?: AbortSignal | undefined;
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

/** Streams of Node and of the web can be read once, and so can a form of the package `form-data`. */
export function isReadOnce(data: unknown): data is object {
  if (typeof data !== 'object' || data === null) return false;
  const { pipe, getReader } = data as { pipe?: unknown; getReader?: unknown };
  return typeof pipe === 'function' || typeof getReader === 'function' || Symbol.asyncIterator in data;
}

/** How deep a form is looked into. */
const deepest = 5;

/** Whether one try uses the body up: a stream, or an object with a stream in it, of which axios makes a form. */
export function isUsedUp(data: unknown, depth: number = deepest): boolean {
  if (isReadOnce(data)) return true;
  if (depth === 0 || !isPlain(data)) return false;
  return Object.values(data).some((part) => isUsedUp(part, depth - 1));
}

function isPlain(data: unknown): data is object {
  if (typeof data !== 'object' || data === null) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null || Array.isArray(data);
}
