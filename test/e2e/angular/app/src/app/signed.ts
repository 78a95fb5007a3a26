import type { HttpInterceptorFn } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';

/** Gives each request of our own API a fresh token, as a session that is renewed would. */
@Injectable({ providedIn: 'root' })
export class Session {
  private issued = 0;
  token(): string {
    return `token-${++this.issued}`;
  }
}

export const signed: HttpInterceptorFn = (request, next) => {
  const session = inject(Session);
  if (!request.url.startsWith('/api/')) return next(request);
  return next(request.clone({ setHeaders: { 'X-Token': session.token() } }));
};
