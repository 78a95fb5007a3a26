import { idempotencyHeader, isRepeatable } from '../http/methods.js';
import { isReplayable, snapshot } from './bodies.js';
import { type Collected, collect, isCollectable } from './collect.js';
import { copyOf, dictionary, isRequest } from './request-init.js';

/** What `fetch` takes as its first argument. */
export type FetchInput = string | URL | Request;

/** What goes to the `fetch` that really sends. */
export type ToSend = readonly [input: FetchInput, init: RequestInit];

/** What `fetch` was called with, as something that can be sent more than once where that is possible. */
export class OutgoingRequest {
  /** The request as it will be, without its body. */
  readonly shown: Request;
  /** That of the caller. */
  readonly signal: AbortSignal | undefined;
  readonly redirect: RequestRedirect;
  /** Whether it can be stopped at a redirect at all. */
  readonly canStop: boolean;
  /** Whether making it twice is making it once, whatever becomes of its body. */
  readonly isIdempotent: boolean;
  private readonly input: string | Request;
  private readonly from: Request | undefined;
  private readonly init: RequestInit;
  /** There once the body of a `Request` was sent for the first time. */
  private collected: Collected | undefined = undefined;

  constructor(input: FetchInput, init: RequestInit | undefined) {
    const given = (this.init = dictionary(init ?? {}));
    const from = (this.from = isRequest(input) ? input : undefined);
    this.input = from ?? String(input as string | URL);
    // What is changed once the call was made is no matter of it.
    if (given.headers !== undefined) given.headers = copyOf(given.headers);
    if (given.body != null) given.body = snapshot(given.body)!;
    const { method = from?.method, headers = from?.headers } = given;
    this.shown = requestOf(from?.url ?? (this.input as string), {
      ...(method !== undefined && { method }),
      ...(headers !== undefined && { headers }),
    });
    this.signal = (given.signal === undefined ? from?.signal : given.signal) ?? undefined;
    this.redirect = given.redirect ?? from?.redirect ?? 'follow';
    // The body of a redirect has not the hash that was asked for, and `no-cors` has to follow.
    this.canStop = (given.integrity ?? from?.integrity ?? '') === '' && (given.mode ?? from?.mode) !== 'no-cors';
    this.isIdempotent = isRepeatable(this.shown.method, Boolean(this.shown.headers.get(idempotencyHeader)));
  }

  get url(): URL {
    return new URL(this.shown.url);
  }

  /** Its origin. Of everything that no server is asked for, such as `data:` and `blob:`, the scheme. */
  get origin(): string {
    const { url } = this;
    return isWeb(url) ? url.origin : url.protocol;
  }

  /** Whether it may be tried again now. */
  get isRepeatable(): boolean {
    return this.isIdempotent && this.hasBodyAgain;
  }

  /** Whether what was its body, if it has one, can be sent again. */
  private get hasBodyAgain(): boolean {
    const { from, init } = this;
    if (init.body != null) return isReplayable(init.body);
    return !hasOwnBody(from) || this.collected?.bytes !== undefined;
  }

  /** The headers as they were given, in a copy. */
  headers(): Headers {
    return new Headers(this.init.headers ?? this.from?.headers);
  }

  /**
   * For one try.
   *
   * @param again whether it may be sent again, by a later try or by a redirect
   */
  toSend(signal: AbortSignal, again: boolean): ToSend {
    const { collected, from, init, input } = this;
    if (init.body != null || !hasOwnBody(from)) return [input, { ...init, signal }];
    // A body of its own takes the place of the one that was used up.
    if (collected?.bytes !== undefined) return [from, { ...init, signal, body: collected.bytes }];
    if (!again || !isCollectable(from)) return [from, { ...init, signal }];
    // With a clone of it goes what the platform knows of it: how long it is.
    const first = from.clone();
    this.collected = collect(from);
    return [first, { ...init, signal }];
  }

  /** The whole of it for another address; `body` only where it is sent along. */
  elsewhere(signal: AbortSignal, body: boolean): RequestInit {
    const { collected, from, init } = this;
    const { body: own = null, ...whole } = { ...(from === undefined ? {} : dictionary(from)), body: null, ...init };
    if (!body) return { ...whole, signal };
    // What fetch says where it cannot send a body twice.
    if (!this.hasBodyAgain) throw new TypeError('fetch failed', { cause: new Error('a redirect asks for a body that is used up') });
    return { ...whole, signal, body: own ?? collected?.bytes ?? null };
  }

  /** It is not sent again. */
  drop(): void {
    this.collected?.drop();
  }
}

/** Whether a server is asked for it. */
export function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

export function hasCredentials({ password, username }: URL): boolean {
  return username !== '' || password !== '';
}

/** Refuses, as `fetch` does, what cannot be a request. An error of the platform would show the credentials in a URL. */
function requestOf(url: string, init: RequestInit): Request {
  try {
    return new Request(url, init);
  } catch (error) {
    if (!url.includes('@')) throw error;
    const { location } = globalThis as { location?: { href?: string } };
    const parsed = URL.canParse(url, location?.href) ? new URL(url, location?.href) : undefined;
    if (parsed === undefined) throw new TypeError('Failed to parse URL');
    if (hasCredentials(parsed)) throw new TypeError('Request cannot be constructed from a URL that includes credentials');
    throw error;
  }
}

/** Firefox does not show the stream: what may have a body has one. */
function hasOwnBody(request: Request | undefined): request is Request {
  if (request === undefined || request.body === null) return false;
  return request.body !== undefined || (request.method !== 'GET' && request.method !== 'HEAD');
}
