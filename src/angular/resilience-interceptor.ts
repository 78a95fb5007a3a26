import type { HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { isPassing } from './passing-context.js';
import { RESILIENCE } from './resilience.js';
import { requestResilience } from './request-resilience.js';

/**
 * Sends each request through the policies of its key: `provideHttpClient(withInterceptors([resilienceInterceptor]))`.
 * What stands behind it in the list runs again for each try, with a fresh clone of the request.
 *
 * Only responses are values to the policies: that a request was sent, and its progress, pass beside them. A request that
 * may not be made twice goes through the same policies less the retry. Unsubscribing cancels the request on the network;
 * before its response that is neither success nor failure.
 *
 * A request passes one chain of policies, however often this stands in its way: the nearest to the caller, where a child
 * injector has one and sends by its parent (`withRequestsMadeViaParent`).
 *
 * Refusals and expired deadlines are `HttpErrorResponse`s with status 503 and 504; every other error is the one that came.
 */
export const resilienceInterceptor: HttpInterceptorFn = (request, next) => {
  if (isPassing(request.context)) return next(request);
  const wanted = request.context.get(requestResilience);
  return wanted === false ? next(request) : inject(RESILIENCE).send(request, next, wanted);
};
