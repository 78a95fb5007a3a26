import { isByteStream } from './bodies.js';

/** Bytes of a `Request` that are kept so that it can be sent again. */
const most = 1_048_576;

/**
 * Whether the body of a `Request` can be kept while it is sent. A stream that it was given is used up, and is none that
 * the platform made of text or bytes; where bodies are not shown (Firefox) there are no such streams.
 */
export function isCollectable({ body, bodyUsed }: Request): boolean {
  return !bodyUsed && (body == null || isByteStream(body));
}

/** What has been read of a body, to be sent again. */
export interface Collected {
  /** Undefined while it has not come as a whole, and where it is too long or has failed. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** It is not needed any more. */
  drop(): void;
}

/** Reads the body of a request of which a clone is being sent, and holds no more of it than a limit. */
export function collect(request: Request): Collected {
  const reader = (request.body ?? shownBody(request)).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const drop = (): void => {
    collected.bytes = undefined;
    chunks.length = 0;
    length = Infinity;
    void reader.cancel().catch(() => {});
  };
  const collected = { bytes: undefined as Uint8Array<ArrayBuffer> | undefined, drop };
  const read = async (): Promise<void> => {
    while (length <= most) {
      const { done, value } = await reader.read();
      // It may have been dropped meanwhile.
      if (length > most) return;
      if (done) {
        collected.bytes = joined(chunks, length);
        return;
      }
      chunks.push(value);
      length += value.byteLength;
    }
    drop();
  };
  read().catch(drop);
  return collected;
}

/** Where the stream of a request is not shown it can be read as a whole. */
function shownBody(request: Request): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: async (controller) => {
      const bytes = new Uint8Array(await request.arrayBuffer());
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
