/** Whether it is a response, of this realm or another, of the platform or of undici. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === '[object Response]';
}

/** What of a response its constructor does not take. */
type Facts = Pick<Response, 'url' | 'redirected' | 'type' | 'status' | 'ok' | 'statusText'>;

/** The response with another body, or without one; whatever else it says it says as before, and its clones too. */
export function withBody(response: Response, body: ReadableStream<Uint8Array> | null): Response {
  const { headers, ok, redirected, status, statusText, type, url } = response;
  const { constructor: Like } = response as unknown as { constructor: typeof Response };
  // There are servers that answer with what no constructor takes: 999.
  const known = status <= 599 ? { status, headers } : { headers };
  return stating(new Like(body, known), { url, redirected, type, status, ok, statusText });
}

/** Was found at the end of a redirect that we have followed ourselves. */
export function asRedirected(response: Response): Response {
  const { ok, status, statusText, type, url } = response;
  return stating(response, { url, redirected: true, type, status, ok, statusText });
}

function stating(response: Response, facts: Facts): Response {
  const clone = (): Response => stating((Object.getPrototypeOf(response) as Response).clone.call(response), facts);
  for (const [name, value] of Object.entries({ ...facts, clone })) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}
