/** Whether it is a response, of this realm or another, of the platform or of undici. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === '[object Response]';
}

/** What of a response its constructor does not take. */
type Facts = Pick<Response, 'url' | 'redirected' | 'type' | 'statusText'>;

/** The response with another body, or without one; whatever else it says it says as before, and its clones too. */
export function withBody(response: Response, body: ReadableStream<Uint8Array> | null): Response {
  const { headers, redirected, status, statusText, type, url } = response;
  const { constructor: Like } = response as unknown as { constructor: typeof Response };
  return stating(new Like(body, { status, headers }), { url, redirected, type, statusText });
}

/** Was found at the end of a redirect that we have followed ourselves. */
export function asRedirected(response: Response): Response {
  const { statusText, type, url } = response;
  return stating(response, { url, redirected: true, type, statusText });
}

function stating(response: Response, facts: Facts): Response {
  const clone = (): Response => stating((Object.getPrototypeOf(response) as Response).clone.call(response), facts);
  for (const [name, value] of Object.entries({ ...facts, clone })) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}
