import '@angular/compiler';
import { DOCUMENT } from '@angular/common';
import {
  HttpBackend, HttpClient, HttpErrorResponse, type HttpEvent, HttpEventType, HttpHeaders, type HttpInterceptorFn, type HttpRequest,
  HttpResponse, provideHttpClient, withInterceptors,
} from '@angular/common/http';
import {
  createEnvironmentInjector, type EnvironmentInjector, type EnvironmentProviders, ErrorHandler, Injector, PLATFORM_ID, type Provider,
  provideZonelessChangeDetection, runInInjectionContext, ɵINJECTOR_SCOPE as INJECTOR_SCOPE,
} from '@angular/core';
import { concat, Observable, of, throwError, timer } from 'rxjs';
import { mergeMap } from 'rxjs/operators';
import { provideResilience, resilienceInterceptor } from '../../src/angular/index.js';
import type { ResilienceOptions } from '../../src/angular/resilience-options.js';
import { Page } from './page.js';

export interface ApplicationOptions {
  readonly resilience?: ResilienceOptions;
  readonly page?: object | null;
  readonly platform?: 'browser' | 'server';
  /** Behind ours. */
  readonly interceptors?: readonly HttpInterceptorFn[];
  readonly providers?: readonly (Provider | EnvironmentProviders)[];
}

export interface Application {
  readonly http: HttpClient;
  readonly injector: EnvironmentInjector;
  /** Runs `make` where `inject` may be called. */
  within<T>(make: () => T): T;
  destroy(): void;
}

/** The root of an application without components, whose requests go to `backend`. */
export function application(backend: Backend, options: ApplicationOptions = {}): Application {
  const { interceptors = [], page = new Page(), platform = 'browser', providers = [], resilience } = options;
  const scope = (value: string): Provider => ({ provide: INJECTOR_SCOPE, useValue: value });
  const ours = resilience === undefined ? [] : [provideResilience(resilience)];
  const top = createEnvironmentInjector(
    [scope('platform'), { provide: PLATFORM_ID, useValue: platform }, page === null ? [] : { provide: DOCUMENT, useValue: page }],
    Injector.NULL as EnvironmentInjector,
  );
  const injector = createEnvironmentInjector(
    [
      scope('root'),
      { provide: ErrorHandler, useValue: { handleError: (error: unknown) => void Promise.reject(error as Error) } },
      provideZonelessChangeDetection(),
      provideHttpClient(withInterceptors([resilienceInterceptor, ...interceptors])),
      { provide: HttpBackend, useValue: backend },
      ...ours,
      ...providers,
    ],
    top,
  );
  return {
    http: injector.get(HttpClient),
    injector,
    within: (make) => runInInjectionContext(injector, make),
    destroy: () => {
      if (injector.destroyed) return;
      injector.destroy();
      top.destroy();
    },
  };
}

/** An answer of the backend to the request that is its `count`th, from 1. */
export type Answer = (request: HttpRequest<unknown>, count: number) => Observable<HttpEvent<unknown>>;

/** As those of Angular: `Sent` at once, then an answer, anew for each subscription. */
export class Backend implements HttpBackend {
  readonly requests: HttpRequest<unknown>[] = [];
  /** Under way, and left before they had ended. */
  active = 0;
  cancelled = 0;
  /** The one that came last. */
  error: unknown = undefined;

  constructor(private readonly answer: Answer) {}

  handle(request: HttpRequest<unknown>): Observable<HttpEvent<unknown>> {
    return new Observable((subscriber) => {
      let ended = false;
      this.requests.push(request);
      this.active++;
      subscriber.add(() => {
        this.active--;
        if (!ended) this.cancelled++;
      });
      subscriber.next({ type: HttpEventType.Sent });
      return this.answer(request, this.requests.length).subscribe({
        next: (event) => subscriber.next(event),
        error: (error) => {
          ended = true;
          this.error = error;
          subscriber.error(error);
        },
        complete: () => {
          ended = true;
          subscriber.complete();
        },
      });
    });
  }

  get count(): number {
    return this.requests.length;
  }
}

/** A response with a body, after `ms`. */
export function ok(body: unknown = 'body', ms: number = 1): Observable<HttpEvent<unknown>> {
  return later(ms, of(new HttpResponse({ body, status: 200 })));
}

/** An error status, after `ms`. */
export function failing(status: number, headers: Record<string, string> = {}, ms: number = 1): Observable<never> {
  return later(ms, throwError(() => new HttpErrorResponse({ status, headers: new HttpHeaders(headers), url: '/x', error: 'text' })));
}

/** One after the other, for the first request, the second and so on; the last for all further ones. */
export function answers(...given: readonly Observable<HttpEvent<unknown>>[]): Backend {
  return new Backend((_request, count) => given[Math.min(count, given.length) - 1]!);
}

export function later<T>(ms: number, source: Observable<T>): Observable<T> {
  return ms === 0 ? source : timer(ms).pipe(mergeMap(() => source));
}

/** How much of a download has come. */
export function progress(loaded: number): HttpEvent<unknown> {
  return { type: HttpEventType.DownloadProgress, loaded };
}

export function withProgress(): Observable<HttpEvent<unknown>> {
  return concat(of(progress(1)), ok());
}
