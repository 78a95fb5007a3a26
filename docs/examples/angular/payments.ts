import { HttpClient, type HttpErrorResponse, httpResource } from '@angular/common/http';
import { Component, computed, inject } from '@angular/core';
import { injectCircuit, injectHealth, withResilience } from 'rxjs-resilience/angular';

interface Payment {
  readonly id: string;
  readonly amount: number;
}

@Component({
  selector: 'app-payments',
  template: `
    @if (health().status !== 'up') {
      <p role="status">Payments are {{ health().status }}, the circuit is {{ circuit() }}.</p>
    }
    @if (problem(); as text) {
      <p role="alert">{{ text }}</p>
    } @else {
      @for (payment of payments.value(); track payment.id) {
        <p>{{ payment.amount }}</p>
      }
    }
  `,
})
export class Payments {
  private readonly http = inject(HttpClient);

  // Of all who ask for payments, on whatever page they do.
  readonly health = injectHealth('payments');
  readonly circuit = injectCircuit('payments');

  readonly payments = httpResource<readonly Payment[]>(
    () => ({ url: '/api/payments', context: withResilience({ key: 'payments', deadline: 800, priority: 'critical' }) }),
    { defaultValue: [] },
  );

  readonly problem = computed(() => {
    const error = this.payments.error() as HttpErrorResponse | undefined;
    if (error === undefined) return undefined;
    const seconds = error.headers.get('Retry-After');
    return seconds === null ? 'Payments cannot be shown.' : `Please come back in ${seconds} s.`;
  });

  /** The server knows a payment by its key, which each try carries: it is made once. */
  pay(amount: number, key: string = crypto.randomUUID()) {
    const options = { context: withResilience({ key: 'payments' }), headers: { 'Idempotency-Key': key } };
    return this.http.post<Payment>('/api/payments', { amount }, options);
  }
}
