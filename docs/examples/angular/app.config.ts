import { type HttpInterceptorFn, provideHttpClient, withInterceptors } from '@angular/common/http';
import { type ApplicationConfig, inject, InjectionToken, provideZonelessChangeDetection } from '@angular/core';
import { provideResilience, resilienceInterceptor } from 'rxjs-resilience/angular';
import { pipelineFor } from './pipelines.js';

/** Gives the token of whoever is signed in, a new one when it has run out. */
export const TOKENS = new InjectionToken<() => string>('tokens', { factory: () => () => 'token' });

/** Stands behind the policies: it runs again for each try, with a token of that moment. */
const signed: HttpInterceptorFn = (request, next) =>
  next(request.clone({ setHeaders: { Authorization: `Bearer ${inject(TOKENS)()}` } }));

export const appConfig: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideHttpClient(withInterceptors([resilienceInterceptor, signed])),
    provideResilience({ pipeline: pipelineFor, propagateTo: ['https://shop.example'] }),
  ],
};
