import { HttpClient, HttpErrorResponse, httpResource } from '@angular/common/http';
import { ChangeDetectionStrategy, Component, DestroyRef, DOCUMENT, inject, signal } from '@angular/core';
import { rxResource, takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { injectCircuit, injectHealth, withResilience } from 'rxjs-resilience/angular';
import type { Catalog, Charge, Payments, Suggestions } from './api';
import { Badge } from './badge';

const notices = {
  up: '',
  unknown: 'Payments have not been asked yet.',
  degraded: 'Payments are coming back. Some may still be refused.',
  down: 'Payments are not available. Nothing is charged.',
} as const;

@Component({
  selector: 'app-counter',
  imports: [Badge],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './counter.html',
})
export class Counter {
  private readonly http = inject(HttpClient);
  private readonly destroyed = inject(DestroyRef);
  private readonly origin = inject(DOCUMENT).location.origin;

  protected readonly notices = notices;

  protected readonly payments = injectHealth('payments');
  protected readonly circuit = injectCircuit('payments');
  protected readonly catalog = injectHealth(`${this.origin}/api/catalog`);
  protected readonly catalogCircuit = injectCircuit(`${this.origin}/api/catalog`);
  protected readonly suggestions = injectHealth('suggestions');
  protected readonly suggestionsCircuit = injectCircuit('suggestions');

  protected readonly charged = httpResource<Payments>(() => ({
    url: '/api/payments/today',
    context: withResilience({ key: 'payments', priority: 'critical' }),
  }));
  protected readonly items = httpResource<Catalog>(() => '/api/catalog/items');
  protected readonly suggested = rxResource<Suggestions, void>({
    stream: () => this.http.get<Suggestions>('/api/suggestions/today', { context: withResilience({ key: 'suggestions' }) }),
  });

  protected readonly paid = signal('');

  protected pay(): void {
    this.paid.set('Paying …');
    this.http
      .post<Charge>('/api/payments/charges', { amount: 12 }, { context: withResilience({ key: 'payments' }) })
      .pipe(takeUntilDestroyed(this.destroyed))
      .subscribe({
        next: ({ id }) => this.paid.set(`Paid: ${id}`),
        error: (error: unknown) => this.paid.set(`Not paid: ${this.told(error)}`),
      });
  }

  /** What a customer is told. */
  protected told(error: unknown): string {
    if (!(error instanceof HttpErrorResponse)) return 'something went wrong';
    const seconds = error.headers.get('Retry-After');
    const again = seconds === null ? 'try again later' : `try again in ${seconds} s`;
    return error.status === 0 ? 'you seem to be offline' : `${error.status}, ${again}`;
  }
}
