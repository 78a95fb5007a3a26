import type { HttpContext, HttpInterceptorFn, HttpRequest } from '@angular/common/http';
import type { EnvironmentProviders, Signal } from '@angular/core';
import type { CircuitState, Health, Priority, ResiliencePipeline } from 'rxjs-resilience';
import { fallbackToValue, resiliencePipeline, standardPipeline } from 'rxjs-resilience';
import {
  injectCircuit, injectHealth, provideResilience, type RequestResilience, resilienceInterceptor, type ResilienceOptions, withResilience,
} from 'rxjs-resilience/angular';
import { expectTypeOf, it } from 'vitest';

it('provides an interceptor and signals of the types that Angular wants', () => {
  expectTypeOf(resilienceInterceptor).toEqualTypeOf<HttpInterceptorFn>();
  expectTypeOf(provideResilience()).toEqualTypeOf<EnvironmentProviders>();
  expectTypeOf(withResilience(false)).toEqualTypeOf<HttpContext>();
  expectTypeOf(injectHealth('a')).toEqualTypeOf<Signal<Health>>();
  expectTypeOf(injectCircuit('a')).toEqualTypeOf<Signal<CircuitState | undefined>>();
});

it('takes every pipeline, with a fallback or without', () => {
  expectTypeOf<ResilienceOptions['pipeline']>().toEqualTypeOf<((key: string) => ResiliencePipeline<unknown>) | undefined>();
  provideResilience({ pipeline: (name) => standardPipeline({ name }) });
  provideResilience({ pipeline: (name) => resiliencePipeline({ name, retry: {}, fallback: fallbackToValue([]) }) });
  provideResilience({ key: (request) => (expectTypeOf(request).toEqualTypeOf<HttpRequest<unknown>>(), request.url) });
  provideResilience({ propagateTo: (url) => (expectTypeOf(url).toEqualTypeOf<URL>(), true) });
  // @ts-expect-error no pipeline
  provideResilience({ pipeline: () => 7 });
  // @ts-expect-error no such option
  provideResilience({ retries: 3 });
  // @ts-expect-error neither of the two
  provideResilience({ errors: 'mine' });
});

it('says of a request what it may say', () => {
  expectTypeOf<RequestResilience['priority']>().toEqualTypeOf<Priority | undefined>();
  // @ts-expect-error there is nothing to switch on
  withResilience(true);
  // @ts-expect-error no such priority
  withResilience({ priority: 'high' });
});
