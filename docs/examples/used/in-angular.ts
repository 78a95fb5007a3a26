import { provideHttpClient, withInterceptors } from '@angular/common/http';
import type { ApplicationConfig } from '@angular/core';
import { injectHealth, provideResilience, resilienceInterceptor } from 'rxjs-resilience/angular';

export const appConfig: ApplicationConfig = {
  providers: [provideHttpClient(withInterceptors([resilienceInterceptor])), provideResilience()],
};

export class PaymentsPage {
  readonly payments = injectHealth('https://api.example/payments'); // @if (payments().status !== 'up') { … }
}
