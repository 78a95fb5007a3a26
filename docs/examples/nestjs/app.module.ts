import { HttpModule, HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { bulkhead, circuitBreaker, exponential, resiliencePipeline, writePipeline } from 'rxjs-resilience';
import { ResilienceFilter, ResilienceModule, ResilientHttpService } from 'rxjs-resilience/nestjs';
import { CatalogService } from './catalog.service.js';
import { HealthController } from './health.controller.js';
import { OrdersController } from './orders.controller.js';
import { PaymentsService } from './payments.service.js';

const catalogUrl = process.env['CATALOG_URL'] ?? 'http://127.0.0.1:9000';

@Module({
  imports: [
    ResilienceModule.forRoot({
      policies: {
        // Made when the application starts, one of each for each application.
        catalog: (name) =>
          resiliencePipeline({
            name,
            attemptDeadline: 800, //                       each try
            breaker: { failureThreshold: 3 }, //           refused while it is down
            retry: { backoff: exponential({ initial: 50 }), maxRetries: 2 },
            deadline: 3_000, //                            the whole call
          }),
        payments: (name) => writePipeline({ name, tolerance: 'strict', required: true }),
        reports: (name) => bulkhead(2, 10, { name }), //   two at once, ten wait
        search: (name) => circuitBreaker({ name }),
      },
      deadline: { fallback: 5_000, maximum: 10_000 }, //   what a request may ask for
    }),
    HttpModule.register({ baseURL: catalogUrl }),
    TerminusModule,
  ],
  controllers: [OrdersController, HealthController],
  providers: [
    CatalogService,
    PaymentsService,
    // The catalog is told how much time is left, and nobody else.
    ResilientHttpService.provider(HttpService, 'catalog', { propagateTo: [new URL(catalogUrl).origin] }),
    { provide: APP_FILTER, useClass: ResilienceFilter },
  ],
})
export class AppModule {}
