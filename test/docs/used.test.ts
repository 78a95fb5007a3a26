import '@angular/compiler';
import { DOCUMENT } from '@angular/common';
import { HttpBackend, HttpClient, HttpErrorResponse } from '@angular/common/http';
import {
  createEnvironmentInjector, type EnvironmentInjector, ErrorHandler, Injector, provideZonelessChangeDetection, runInInjectionContext,
  ɵINJECTOR_SCOPE as SCOPE,
} from '@angular/core';
import { NestFactory } from '@nestjs/core';
import { throwError } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { appConfig, PaymentsPage } from '../../docs/examples/used/in-angular.js';

afterEach(() => vi.unstubAllGlobals());

describe('what the README shows of the adapters', () => {
  it('sends the requests of Angular through the policies of their resource', async () => {
    const platform = createEnvironmentInjector([{ provide: SCOPE, useValue: 'platform' }], Injector.NULL as EnvironmentInjector);
    const backend = { handle: () => throwError(() => new HttpErrorResponse({ status: 500 })) };
    const given = [{ provide: SCOPE, useValue: 'root' }, { provide: DOCUMENT, useValue: null }, { provide: HttpBackend, useValue: backend }];
    const usual = [provideZonelessChangeDetection(), { provide: ErrorHandler, useValue: new ErrorHandler() }];
    const app = createEnvironmentInjector([...usual, ...appConfig.providers, ...given], platform);
    const page = runInInjectionContext(app, () => new PaymentsPage());
    const http = app.get(HttpClient);
    const seen: unknown[] = [page.payments().status];
    for (let i = 0; i < 6; i++) http.post('https://api.example/payments/7', {}).subscribe({ error: ({ status }) => seen.push(status) });
    expect([...seen, page.payments().status]).toStrictEqual(['unknown', 500, 500, 500, 500, 500, 503, 'down']);
    app.destroy();
  });

  it('pays through the policy of its name, and again with the same key', async () => {
    const keys: unknown[] = [];
    vi.stubGlobal('fetch', async (_url: string, { headers }: { headers: Record<string, string> }) => {
      keys.push(headers['Idempotency-Key']);
      return keys.length < 2 ? new Response(null, { status: 503 }) : Response.json({ paid: true });
    });
    const { AppModule, PaymentsService } = await import('../../docs/examples/used/in-nestjs.js');
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    expect(await app.get(PaymentsService).pay('order-7')).toStrictEqual({ paid: true });
    expect(keys).toStrictEqual(['order-7', 'order-7']);
    await app.close();
  });

  it('fetches again what fails for a moment', async () => {
    let asked = 0;
    vi.stubGlobal('fetch', async () => (++asked < 2 ? new Response(null, { status: 503 }) : Response.json({ id: '7' })));
    const { find } = await import('../../docs/examples/used/by-fetch.js');
    expect([await find('7'), asked]).toStrictEqual([{ id: '7' }, 2]);
  });
});
