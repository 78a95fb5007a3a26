import { read } from '../core/read.js';

/** Whether it is a response, of this realm or another, of the platform or of undici. */
export function isResponse(value: unknown): value is Response {
  return read(value, Symbol.toStringTag) === 'Response';
}

/** What of a response its constructor does not take. */
type Facts = Pick<Response, 'url' | 'redirected' | 'type' | 'status' | 'ok' | 'statusText'>;

/** With what a body has failed, if it has. */
export type Failed = () => { readonly error: unknown } | undefined;

const readers = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const;
const notFailed: Failed = () => undefined;

/** The response with another body, or without one; whatever else it says it says as before, and its clones too. */
export function withBody(response: Response, body: ReadableStream<Uint8Array> | null, failed: Failed = notFailed): Response {
  const { headers, ok, redirected, status, statusText, type, url } = response;
  const { constructor: Like } = response as unknown as { constructor: typeof Response };
  // There are servers that answer with what no constructor takes: 999.
  const known = status <= 599 ? { status, headers } : { headers };
  return stating(new Like(body, known), { url, redirected, type, status, ok, statusText }, failed);
}

/** Was found at the end of a redirect that we have followed ourselves. */
export function asRedirected(response: Response): Response {
  const { ok, status, statusText, type, url } = response;
  return stating(response, { url, redirected: true, type, status, ok, statusText }, notFailed);
}

function stating(response: Response, facts: Facts, failed: Failed): Response {
  const { clone } = response;
  const own: Record<string, unknown> = { ...facts, clone: () => stating(clone.call(response), facts, failed) };
  // Older platforms have no `bytes`.
  for (const name of failed === notFailed ? [] : readers) if (name in response) own[name] = reading(response, name, failed);
  for (const [name, value] of Object.entries(own)) Object.defineProperty(response, name, { value, configurable: true });
  return response;
}

/** Chromium gives an error of its own instead of that with which a stream has failed. */
function reading(response: Response, name: (typeof readers)[number], failed: Failed): () => Promise<unknown> {
  const read = response[name] as () => Promise<unknown>;
  return async () => {
    try {
      return await read.call(response);
    } catch (error) {
      throw (failed() ?? { error }).error;
    }
  };
}
