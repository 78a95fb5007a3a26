import type { IncomingMessage, ServerResponse } from 'node:http';

/** A whole answer, before any framework. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body: string;
}

/** Nothing here is worth keeping, nor to be taken for what it is not. */
export const always: Readonly<Record<string, string>> = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

export const jsonType = 'application/json; charset=utf-8';

export function json(status: number, value: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return { status, type: jsonType, body: JSON.stringify(value), ...(headers !== undefined && { headers }) };
}

/** A refusal in words of our own. */
export function refusal(status: number, error: string, headers?: Readonly<Record<string, string>>): Answer {
  return json(status, { error }, headers);
}

/** Headers first, so that nothing of an earlier middleware is lost; `HEAD` has no body, but its length. */
export function send(req: IncomingMessage, res: ServerResponse, { status, headers, type = jsonType, body }: Answer): void {
  if (res.headersSent || res.destroyed) return;
  const length = String(new TextEncoder().encode(body).length);
  res.statusCode = status;
  setAll(res, { ...always, 'Content-Type': type, 'Content-Length': length, ...headers });
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** The head of an answer without an end. */
export function openStream(res: ServerResponse): void {
  res.statusCode = 200;
  const control = 'no-store, no-transform';
  setAll(res, { ...always, 'Cache-Control': control, 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
  res.flushHeaders();
}

function setAll(res: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
}
