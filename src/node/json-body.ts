import type { IncomingMessage } from 'node:http';

/** Bytes that a body may have. */
const most = 1_024;

/** `status` where it cannot be used. */
export type Body = { readonly value: unknown } | { readonly status: 400 | 413 };

/** The body as JSON, or what a middleware has made of it already; an empty one is an empty object. */
export async function readJson(req: IncomingMessage): Promise<Body> {
  const { body } = req as { body?: unknown };
  if (body !== undefined) return { value: body };
  const bytes = await readBytes(req);
  if (typeof bytes === 'number') return { status: bytes };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { value: text.trim() === '' ? {} : (JSON.parse(text) as unknown) };
  } catch {
    return { status: 400 };
  }
}

/** A status where there are too many of them, what comes then is left unread; and where the client has left. */
function readBytes(req: IncomingMessage): Promise<Uint8Array | 400 | 413> {
  return new Promise((resolve) => {
    const bytes = new Uint8Array(most);
    let length = 0;
    const end = (result: Uint8Array | 400 | 413): void => {
      req.off('data', take).off('end', done).off('error', fail).off('close', fail);
      resolve(result);
    };
    const take = (chunk: Uint8Array): void => {
      if (length + chunk.length > most) {
        req.pause();
        end(413);
        return;
      }
      bytes.set(chunk, length);
      length += chunk.length;
    };
    const done = (): void => end(bytes.subarray(0, length));
    const fail = (): void => end(400);
    if (req.readableEnded) done();
    else if (req.destroyed) fail();
    else req.on('data', take).on('end', done).on('error', fail).on('close', fail);
  });
}
