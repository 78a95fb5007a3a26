import { HttpModule, HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { TerminusModule } from '@nestjs/terminus';
import { policyToken, ResilienceFilter, ResilienceModule, resilientClient, ResilientHttpService } from 'rxjs-resilience/nestjs';
import { CatalogService } from './catalog.service';
import { PlainDriver } from './graphql-driver';
import { HealthController } from './health.controller';
import { ItemsResolver } from './items.resolver';
import { Log } from './log';
import { OrdersController } from './orders.controller';
import { policies } from './policies';

class Settings {
  readonly billing = { host: '127.0.0.1', port: Number(process.env['TCP_PORT']) };
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Module({
  imports: [
    ResilienceModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: (settings: Settings) => ({ policies: settings.billing.port > 0 ? policies : {} }),
    }),
    HttpModule,
    TerminusModule,
    GraphQLModule.forRoot({ driver: PlainDriver, autoSchemaFile: true }),
    ClientsModule.registerAsync([
      {
        name: 'BILLING_CLIENT',
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: ({ billing }: Settings) => ({ transport: Transport.TCP, options: billing }),
      },
    ]),
  ],
  controllers: [OrdersController, HealthController],
  providers: [
    Log,
    CatalogService,
    ItemsResolver,
    ResilientHttpService.provider(HttpService, 'again'),
    { provide: 'BILLING', inject: ['BILLING_CLIENT', policyToken('again')], useFactory: resilientClient },
    { provide: APP_FILTER, useClass: ResilienceFilter },
  ],
})
export class AppModule {}
