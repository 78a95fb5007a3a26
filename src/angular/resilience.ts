import { DOCUMENT, isPlatformServer } from '@angular/common';
import { type HttpEvent, type HttpHandlerFn, type HttpRequest, HttpResponse } from '@angular/common/http';
import { DestroyRef, inject, InjectionToken, PLATFORM_ID, untracked } from '@angular/core';
import { Observable, type Subscription } from 'rxjs';
import { idempotencyHeader, isRepeatable } from '../http/methods.js';
import { runInContext, runInFrame } from '../operator/context.js';
import { ambient } from '../operator/shared.js';
import { standardPipeline } from '../pipeline/presets.js';
import { defaultKey, resolved } from './default-key.js';
import { asHttpError } from './http-error.js';
import { KeyedPipelines } from './keyed-pipelines.js';
import { networkOf } from './network.js';
import type { RequestResilience } from './request-resilience.js';
import { RequestSource } from './request-source.js';
import { readResilience, type ResilienceSetup } from './resilience-options.js';

/** Sends requests through the policies of their keys. */
export interface Resilience {
  readonly pipelines: KeyedPipelines;
  send(request: HttpRequest<unknown>, next: HttpHandlerFn, wanted: RequestResilience): Observable<HttpEvent<unknown>>;
}

/** With the defaults where `provideResilience` is left out. */
export const RESILIENCE: InjectionToken<Resilience> = /*#__PURE__*/ new InjectionToken<Resilience>('rxjs-resilience', {
  providedIn: 'root',
  factory: () => createResilience(readResilience({})),
});

/** In an injection context; ends with it. */
export function createResilience({ errors, key, maxKeys, pipeline, propagateTo }: ResilienceSetup): Resilience {
  const document = inject(DOCUMENT, { optional: true });
  // The builder of an application puts a constant in the place of `ngServerMode`.
  const onServer = isPlatformServer(inject(PLATFORM_ID)) || (typeof ngServerMode === 'boolean' && ngServerMode);
  const network = onServer ? undefined : networkOf(document);
  const pipelines = new KeyedPipelines(pipeline ?? ((name) => standardPipeline({ name })), maxKeys);
  inject(DestroyRef).onDestroy(() => pipelines.dispose());

  const mayKnow = propagateTo ?? ((url: URL) => isOwnOrigin(url, document));
  return {
    pipelines,
    send: (request, next, wanted) =>
      new Observable((subscriber) => {
        const { deadline, idempotent, priority } = wanted;
        const { headers, method, url, urlWithParams } = request;
        const repeatable = idempotent ?? isRepeatable(method, Boolean(headers.get(idempotencyHeader)));
        const base = document?.baseURI ?? document?.location?.href;
        const at = resolved(url, base);
        const frame = ambient();
        // Who is downstream sees nothing of the context of the request.
        const deliver = (event: HttpEvent<unknown>): void => runInFrame(frame, () => subscriber.next(event));
        const source = new RequestSource({
          ...{ request, next, propagates: at !== undefined && untracked(() => mayKnow(at)), beside: deliver },
          rules: { repeatable, deadline, onServer, network },
        });
        const name = wanted.key ?? (key === undefined ? defaultKey(url, base) : untracked(() => key(request)));
        const call = pipelines.send(name, source);
        const subscribe = (): Subscription =>
          call.subscribe({
            next: (value) => deliver(asResponse(value, urlWithParams)),
            error: (error: unknown) =>
              runInFrame(frame, () => subscriber.error(errors === 'http' ? asHttpError(error, urlWithParams) : error)),
            complete: () => runInFrame(frame, () => subscriber.complete()),
          });
        return priority === undefined ? subscribe() : runInContext({ priority }, subscribe);
      }),
  };
}

/** What a fallback gives is the body of a response that has come; a response is one. */
function asResponse(value: unknown, url: string): HttpResponse<unknown> {
  return value instanceof HttpResponse ? (value as HttpResponse<unknown>) : new HttpResponse({ body: value, status: 200, url });
}

/** That of the page, not of the base of its links: as browsers compare. */
function isOwnOrigin({ origin }: URL, document: Document | null): boolean {
  return origin !== 'null' && origin === resolved(document?.location?.href ?? '', undefined)?.origin;
}
