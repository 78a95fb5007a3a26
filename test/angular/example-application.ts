import { DOCUMENT } from '@angular/common';
import { HttpBackend, HttpErrorResponse, type HttpRequest, HttpResponse } from '@angular/common/http';
import {
  ApplicationRef, createEnvironmentInjector, type EnvironmentInjector, ErrorHandler, Injector, ɵINJECTOR_SCOPE as SCOPE,
} from '@angular/core';
import { defer, of, throwError } from 'rxjs';
import { appConfig, TOKENS } from '../../docs/examples/angular/app.config.js';

/** The application in Node, without a page, in front of a backend that fails so often. For tests. */
export function startApplication({ failures, status = 503 }: { readonly failures: number; readonly status?: number }) {
  const sent: HttpRequest<unknown>[] = [];
  const handle = (request: HttpRequest<unknown>) =>
    defer(() => {
      sent.push(request);
      if (sent.length > failures) return of(new HttpResponse({ body: [{ id: '1', amount: 7 }] }));
      return throwError(() => new HttpErrorResponse({ status }));
    });
  let tokens = 0;
  const page = { location: { href: 'https://shop.example/' }, baseURI: 'https://shop.example/', getElementById: () => null };
  const platform = createEnvironmentInjector(
    [{ provide: SCOPE, useValue: 'platform' }, { provide: DOCUMENT, useValue: page }],
    Injector.NULL as EnvironmentInjector,
  );
  const injector = createEnvironmentInjector(
    [
      { provide: SCOPE, useValue: 'root' },
      { provide: ErrorHandler, useValue: new ErrorHandler() },
      ...appConfig.providers,
      { provide: HttpBackend, useValue: { handle } },
      { provide: TOKENS, useValue: () => `${++tokens}` },
    ],
    platform,
  );
  const application = injector.get(ApplicationRef);
  /** Until nothing is under way any more. */
  const stable = async () => {
    application.tick();
    await application.whenStable();
  };
  return { injector, sent, stable };
}
