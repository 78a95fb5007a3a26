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
  if (bytes === undefined) return { status: 413 };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { value: text.trim() === '' ? {} : (JSON.parse(text) as unknown) };
  } catch {
    return { status: 400 };
  }
}

/** Undefined where there are too many; what comes of them then is left unread. */
function readBytes(req: IncomingMessage): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const bytes = new Uint8Array(most);
    let length = 0;
    const end = (result: Uint8Array | undefined): void => {
      req.off('data', take).off('end', done).off('error', fail).off('close', fail);
      resolve(result);
    };
    const take = (chunk: Uint8Array): void => {
      if (length + chunk.length > most) {
        req.pause();
        end(undefined);
        return;
      }
      bytes.set(chunk, length);
      length += chunk.length;
    };
    const done = (): void => end(bytes.subarray(0, length));
    // Whoever has left is told nothing anyway.
    const fail = (): void => end(bytes.subarray(0, 0));
    if (req.readableEnded || req.destroyed) fail();
    else req.on('data', take).on('end', done).on('error', fail).on('close', fail);
  });
}
