import { isByteStream } from './bodies.js';
import { withBody } from './like-response.js';

/** Hears of how a body ends: once, unless it was failed before. */
export interface BodyWatch {
  /** It was read to its end, or its reader wants no more of it. */
  ended(): void;
  failed(error: unknown): void;
}

export interface WatchedBody {
  readonly response: Response;
  /** Ends the reading with an error; who watches is not told. */
  fail(reason: unknown): void;
}

/** Whether there is a body that can be watched. */
export function hasBody({ body }: Response): boolean {
  return typeof body?.getReader === 'function';
}

/** The same response, of which it is known when its body ends. It is read no faster than its reader reads. */
export function watchedBody(response: Response, watch: BodyWatch): WatchedBody {
  const body = response.body!;
  const isBytes = isByteStream(body);
  const reader = body.getReader();
  let over = false;
  let failure: { readonly error: unknown } | undefined;
  let controller: ReadableStreamDefaultController<Uint8Array> | ReadableByteStreamController;

  const end = (tell: () => void): void => {
    over = true;
    tell();
  };
  const stream = new ReadableStream(
    {
      type: isBytes ? 'bytes' : undefined,
      start: (given: typeof controller) => void (controller = given),
      pull: async () => {
        try {
          const { done, value } = await reader.read();
          if (over) return;
          if (!done) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
          controller.close();
          (controller as ReadableByteStreamController).byobRequest?.respond(0);
          end(() => watch.ended());
        } catch (error) {
          if (over) return;
          failure = { error };
          controller.error(error);
          end(() => watch.failed(error));
        }
      },
      cancel: (reason: unknown) => {
        const cancelled = reader.cancel(reason);
        end(() => watch.ended());
        return cancelled;
      },
    } as UnderlyingDefaultSource<Uint8Array>,
    { highWaterMark: 0 },
  );
  const fail = (reason: unknown): void =>
    end(() => {
      failure = { error: reason };
      controller.error(reason);
      void reader.cancel(reason).catch(() => {});
    });
  return { response: withBody(response, stream, () => failure), fail };
}
