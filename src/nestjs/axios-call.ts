import { Observable, type Subscriber } from 'rxjs';
import { following } from '../http/followed-signal.js';
import { shared } from '../operator/shared.js';
import { isReadOnce } from './axios-request.js';

/** Makes one request of axios, which ends when the signal aborts. */
export type Send = (signal: AbortSignal) => Observable<unknown>;

/**
 * The tries of one call, each a request with a signal of its own. The teardown of `@nestjs/axios` cancels no request for a
 * stream, and none that has a `cancelToken` of its caller.
 *
 * A response for a stream holds its connection until the stream is read or destroyed. The stream that the caller gets is
 * the caller's; every other one is destroyed.
 */
export class AxiosCall {
  /** The streams that the caller has not got, each with what ends its request. */
  private readonly open: Map<object, () => void> = new Map();
  private isOver = false;

  constructor(
    private readonly send: Send,
    /** The caller's own. */
    private readonly signal: AbortSignal | undefined,
    /** A fallback may read the response of an error until the call ends. */
    private readonly hasFallback: boolean,
  ) {}

  attempt(tried: Subscriber<unknown>): () => void {
    this.release();
    const own = new AbortController();
    const link = following(own, this.signal);
    if (this.signal?.aborted === true) own.abort(this.signal.reason);
    let over = false;
    const end = (response: StreamResponse | undefined): void => {
      over = true;
      if (response === undefined) return link.end();
      link.whileReadable(response.data);
      this.open.set(response.data, () => discard(response, own));
    };
    const settle = (): void => {
      if (this.isOver || !this.hasFallback) this.release();
    };
    const request = this.send(own.signal).subscribe({
      next: (answer) => {
        end(streamIn(answer));
        tried.next(answer);
      },
      error: (error: unknown) => {
        end(streamInError(error));
        tried.error(error);
        settle();
      },
      complete: () => {
        tried.complete();
        settle();
      },
    });
    return () => {
      request.unsubscribe();
      if (over) return;
      end(undefined);
      own.abort(shared.cause?.cut);
    };
  }

  /** The caller gets this value. */
  give(answer: unknown): void {
    this.keep(streamIn(answer));
  }

  /** The caller gets this error. */
  giveError(error: unknown): void {
    this.keep(streamInError(error));
  }

  end(): void {
    this.isOver = true;
    this.release();
  }

  private keep(response: StreamResponse | undefined): void {
    if (response !== undefined) this.open.delete(response.data);
  }

  private release(): void {
    const discards = [...this.open.values()];
    this.open.clear();
    for (const discardOne of discards) discardOne();
  }
}

/** A response, its body a stream of Node or of the web. */
interface StreamResponse {
  readonly data: { destroy?(): void; cancel?(): Promise<void> };
  /** That of Node, or a `Request` of `fetch`. */
  readonly request?: { destroy?(): void } | undefined;
}

/** An interceptor of axios may give the stream itself instead of the response. */
function streamIn(answer: unknown): StreamResponse | undefined {
  if (isReadOnce(answer)) return { data: answer };
  return isReadOnce((Object(answer) as { readonly data?: unknown }).data) ? (answer as StreamResponse) : undefined;
}

/** How many errors an error may have wrapped. */
const deepest = 5;

/** That of the response which an error, or an error that it wraps, was made of. */
function streamInError(error: unknown, depth: number = deepest): StreamResponse | undefined {
  const { cause, response } = Object(error) as { readonly cause?: unknown; readonly response?: unknown };
  const found = streamIn(response);
  return found !== undefined || cause === undefined || depth === 0 ? found : streamInError(cause, depth - 1);
}

/** Axios no longer listens to the signal where it has failed, and a stream with a limit may not have begun to read. */
function discard({ data, request }: StreamResponse, own: AbortController): void {
  data.destroy?.();
  data.cancel?.().catch(() => undefined);
  own.abort();
  request?.destroy?.();
}
