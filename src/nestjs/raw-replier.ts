/** What is used of the HTTP adapter of Nest. */
export interface Replier {
  isHeadersSent(response: unknown): boolean;
  setHeader(response: unknown, name: string, value: string): void;
  reply(response: unknown, body: unknown, status: number): void;
  end(response: unknown): void;
}

interface ExpressResponse {
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  status(code: number): ExpressResponse;
  json(body: unknown): unknown;
  end(): unknown;
}

interface FastifyReply {
  readonly sent: boolean;
  readonly raw: { readonly headersSent: boolean; end(): unknown };
  code(status: number): FastifyReply;
  header(name: string, value: string): unknown;
  send(body: unknown): unknown;
}

/** The same for a filter that was made by hand and knows of no adapter. */
export function rawReplier(response: ExpressResponse | FastifyReply): Replier {
  if ('raw' in response) {
    return {
      isHeadersSent: () => response.sent || response.raw.headersSent,
      setHeader: (_, name, value) => void response.header(name, value),
      reply: (_, body, status) => void response.code(status).send(body),
      end: () => void response.raw.end(),
    };
  }
  return {
    isHeadersSent: () => response.headersSent,
    setHeader: (_, name, value) => void response.setHeader(name, value),
    reply: (_, body, status) => void response.status(status).json(body),
    end: () => void response.end(),
  };
}
