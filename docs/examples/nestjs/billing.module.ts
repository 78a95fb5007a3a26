import { Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { policyToken, resilientClient } from 'rxjs-resilience/nestjs';

const options = { host: '127.0.0.1', port: Number(process.env['BILLING_PORT'] ?? 9_001) };

@Module({
  imports: [ClientsModule.register([{ name: 'BILLING_CLIENT', transport: Transport.TCP, options }])],
  providers: [{ provide: 'BILLING', inject: ['BILLING_CLIENT', policyToken('billing')], useFactory: resilientClient }],
  exports: ['BILLING'],
})
export class BillingModule {}
