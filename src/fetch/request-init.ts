import { refusal } from '../core/options.js';

/** Whether it is a request, of this realm or another, of the platform or of undici. */
export function isRequest(input: unknown): input is Request {
  return Object.prototype.toString.call(input) === '[object Request]';
}

/** In the form in which it was given. */
export function copyOf(headers: HeadersInit): HeadersInit {
  if (Array.isArray(headers)) return headers.map(([...pair]) => pair as [string, string]);
  return Symbol.iterator in headers ? new Headers(headers) : { ...headers };
}

/** What a platform would read of it, which includes what a `Request` inherits: that may be given as settings, too. */
export function dictionary(given: object): RequestInit {
  if (typeof given !== 'object') throw refusal('init', 'an object', given);
  const settings: Record<string, unknown> = {};
  const methods = isRequest(given);
  for (const name in given) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined && !(methods && typeof value === 'function')) settings[name] = value;
  }
  return settings;
}
