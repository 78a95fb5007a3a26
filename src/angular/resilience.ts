import { DOCUMENT, isPlatformServer } from '@angular/common';
import { type HttpEvent, type HttpHandlerFn, type HttpRequest, HttpResponse } from '@angular/common/http';
import { DestroyRef, inject, InjectionToken, PLATFORM_ID, untracked } from '@angular/core';
import { catchError, map, Observable, throwError } from 'rxjs';
import { idempotencyHeader, isRepeatable } from '../http/methods.js';
import { runInFrame } from '../operator/context.js';
import { ambient } from '../operator/shared.js';
import { standardPipeline } from '../pipeline/presets.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import { baseOf, defaultKey, isOwnOrigin, resolved } from './addresses.js';
import { asHttpError } from './http-error.js';
import { FollowedPipelines } from './followed-pipelines.js';
import { type Network, networkOf } from './network.js';
import type { RequestResilience } from './request-resilience.js';
import { RequestSource, type RequestToSend } from './request-source.js';
import { readResilience, type ResilienceSetup } from './resilience-options.js';

/** Sends requests through the policies of their keys. Made in an injection context; ends with it. */
export class Resilience {
  readonly pipelines: FollowedPipelines;
  private readonly page: Document | null = inject(DOCUMENT, { optional: true });
  // The builder of an application puts a constant in the place of `ngServerMode`.
  private readonly onServer: boolean = isPlatformServer(inject(PLATFORM_ID)) || (typeof ngServerMode === 'boolean' && ngServerMode);
  private readonly network: Network | undefined = this.onServer ? undefined : networkOf(this.page);

  constructor(private readonly setup: ResilienceSetup) {
    this.pipelines = new FollowedPipelines(setup.pipeline ?? standard, setup.maxKeys);
    inject(DestroyRef).onDestroy(() => {
      this.pipelines.dispose();
      this.network?.dispose();
    });
  }

  send(request: HttpRequest<unknown>, next: HttpHandlerFn, wanted: RequestResilience): Observable<HttpEvent<unknown>> {
    const { urlWithParams: url } = request;
    return new Observable((subscriber) => {
      const frame = ambient();
      const source = new RequestSource({
        ...this.planOf(request, next, wanted),
        // What is sent is sent in a context of its own, of which whoever hears of it sees nothing.
        beside: (event) => runInFrame(frame, () => subscriber.next(event)),
      });
      return this.pipelines
        .send(this.keyOf(request, wanted), source)
        .pipe(
          map((value) => asResponse(value, url)),
          catchError((error: unknown) => throwError(() => (this.setup.errors === 'http' ? asHttpError(error, url) : error))),
        )
        .subscribe(subscriber);
    });
  }

  private keyOf(request: HttpRequest<unknown>, { key }: RequestResilience): string {
    const { key: keyOf } = this.setup;
    if (key !== undefined) return key;
    return keyOf === undefined ? defaultKey(request.url, baseOf(this.page)) : untracked(() => keyOf(request));
  }

  private planOf(
    request: HttpRequest<unknown>,
    next: HttpHandlerFn,
    { deadline, idempotent, priority }: RequestResilience,
  ): Omit<RequestToSend, 'beside'> {
    const { network, onServer } = this;
    const { headers, method, url } = request;
    const at = resolved(url, baseOf(this.page));
    const propagates = at !== undefined && untracked(() => this.mayKnow(at));
    const repeatable = idempotent ?? isRepeatable(method, Boolean(headers.get(idempotencyHeader)));
    return { request, next, propagates, rules: { repeatable, deadline, priority, onServer, network } };
  }

  private mayKnow(url: URL): boolean {
    const { propagateTo } = this.setup;
    return propagateTo === undefined ? isOwnOrigin(url, this.page) : propagateTo(url);
  }
}

function standard(name: string): ResiliencePipeline {
  return standardPipeline({ name });
}

/** What a fallback gives is the body of a response that has come; a response is one. */
function asResponse(value: unknown, url: string): HttpResponse<unknown> {
  return value instanceof HttpResponse ? (value as HttpResponse<unknown>) : new HttpResponse({ body: value, status: 200, url });
}

/** With the defaults where `provideResilience` is left out. */
export const RESILIENCE: InjectionToken<Resilience> = /*#__PURE__*/ new InjectionToken<Resilience>('rxjs-resilience', {
  providedIn: 'root',
  factory: () => new Resilience(readResilience({})),
});
