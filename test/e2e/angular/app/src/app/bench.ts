import { HttpClient, HttpErrorResponse, httpResource, HttpResponse } from '@angular/common/http';
import {
  ChangeDetectionStrategy, Component, inject, Injector, type Resource, runInInjectionContext, type Signal, signal,
} from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { injectCircuit, injectHealth, withResilience } from 'rxjs-resilience/angular';
import type { Subscription } from 'rxjs';
import type { Suggestions } from './api';
import type { Asked, Described, Outcome } from './asked';

function described(error: unknown): Described {
  if (!(error instanceof HttpErrorResponse)) return { isHttpErrorResponse: false };
  const { status, statusText, url } = error;
  const cause: unknown = error.error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  const ours = cause instanceof Error ? cause.name : typeof cause;
  return { isHttpErrorResponse: true, status, statusText, url, retryAfter: error.headers.get('Retry-After'), cause: ours, code };
}

function shown(resource: Resource<unknown>): unknown {
  const error = resource.error();
  // An rxResource of Angular 20 wraps what is no Error.
  if (error?.cause instanceof HttpErrorResponse) return { wrapped: true, ...described(error.cause) };
  if (error !== undefined) return { wrapped: false, ...described(error) };
  return { status: resource.status(), value: resource.hasValue() ? resource.value() : null };
}

/** Not for customers: sends what a test asks for, and shows resources with and without a fallback. */
@Component({
  selector: 'app-bench',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <h1>Bench</h1>
    <button type="button" id="ask" (click)="asked.set(asked() + 1)">Ask</button>
    <p><input #field id="query" aria-label="Search" (input)="query.set(field.value)" /></p>
    <pre id="found">{{ shown(found) }}</pre>
    @for (one of resources; track one.id) {
      <h2>{{ one.id }}</h2>
      <pre [id]="one.id">{{ shown(one.resource) }}</pre>
    }
  `,
})
export class Bench {
  private readonly http = inject(HttpClient);
  private readonly injector = inject(Injector);
  private readonly requests: { outcome: Outcome; readonly subscription: Subscription }[] = [];
  private readonly healths = new Map<string, Signal<{ readonly status: string }>>();
  private readonly circuits = new Map<string, Signal<string | undefined>>();

  protected readonly asked = signal(0);
  private readonly params = (): number | undefined => this.asked() || undefined;

  private httpOf(url: string, key: string): Resource<unknown> {
    return httpResource<Suggestions>(() => (this.params() === undefined ? undefined : { url, context: withResilience({ key }) }));
  }
  private rxOf(url: string, key: string): Resource<unknown> {
    return rxResource({ params: this.params, stream: () => this.http.get<Suggestions>(url, { context: withResilience({ key }) }) });
  }
  protected readonly resources = [
    { id: 'http-plain', resource: this.httpOf('/api/plain/http', 'plain-http') },
    { id: 'rx-plain', resource: this.rxOf('/api/plain/rx', 'plain-rx') },
    { id: 'http-body', resource: this.httpOf('/api/body/http', 'suggestions') },
    { id: 'rx-body', resource: this.rxOf('/api/body/rx', 'suggestions') },
    { id: 'http-response', resource: this.httpOf('/api/response/http', 'kept') },
    { id: 'rx-response', resource: this.rxOf('/api/response/rx', 'kept') },
  ];
  protected readonly shown = (resource: Resource<unknown>): string => JSON.stringify(shown(resource), null, 2);

  /** A search: each letter takes the place of the request before it. */
  protected readonly query = signal('');
  protected readonly found = httpResource(() => (this.query() === '' ? undefined : `/api/search/items?q=${this.query()}`));

  constructor() {
    Object.assign(globalThis, { bench: this });
  }

  /** Sends a request, and gives the number by which it is known. */
  start({ url, method = 'GET', body, headers = {}, resilience, timeout }: Asked): number {
    const id = this.requests.length;
    const options = {
      ...(resilience !== undefined && { context: withResilience(resilience) }),
      ...(timeout !== undefined && { timeout }),
    };
    const start = performance.now();
    const note = (more: Partial<Outcome>): void => {
      const one = this.requests[id]!;
      one.outcome = { ...one.outcome, ...more };
    };
    const end = (more: Partial<Outcome>): void => note({ ...more, took: performance.now() - start });
    const events$ = this.http.request(method, url, { body, headers, ...options, observe: 'events', reportProgress: true });
    this.requests.push({ outcome: { ended: 'pending', events: [] }, subscription: undefined! });
    const subscription = events$.subscribe({
      next: (event) => {
        note({ events: [...this.requests[id]!.outcome.events, event.type] });
        if (event instanceof HttpResponse) note({ status: event.status, body: event.body });
      },
      error: (error: unknown) => end({ ended: 'error', error: described(error) }),
      complete: () => end({ ended: 'complete' }),
    });
    Object.assign(this.requests[id]!, { subscription });
    return id;
  }

  outcome(id: number): Outcome {
    return this.requests[id]!.outcome;
  }

  cancel(id: number): void {
    this.requests[id]!.subscription.unsubscribe();
  }

  health(key: string): string {
    return this.read(this.healths, key, () => injectHealth(key)).status;
  }

  circuit(key: string): string | undefined {
    return this.read(this.circuits, key, () => injectCircuit(key));
  }

  private read<T>(kept: Map<string, Signal<T>>, key: string, make: () => Signal<T>): T {
    const known = kept.get(key) ?? runInInjectionContext(this.injector, make);
    kept.set(key, known);
    return known();
  }
}
