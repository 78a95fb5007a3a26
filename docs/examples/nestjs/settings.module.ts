import { Injectable, Module } from '@nestjs/common';
import { circuitBreaker } from 'rxjs-resilience';
import { ResilienceModule } from 'rxjs-resilience/nestjs';
import { BillingModule } from './billing.module.js';

@Injectable()
export class Settings {
  readonly failures = Number(process.env['BILLING_FAILURES'] ?? 5);
}

@Module({ providers: [Settings], exports: [Settings] })
export class SettingsModule {}

@Module({
  imports: [
    ResilienceModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: (settings: Settings) => ({
        policies: { billing: (name) => circuitBreaker({ name, failureThreshold: settings.failures }) },
        deadline: false,
      }),
    }),
    BillingModule,
  ],
})
export class BillingAppModule {}
