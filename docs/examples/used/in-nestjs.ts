import { Injectable, Module } from '@nestjs/common';
import { outgoingHeaders, writePipeline } from 'rxjs-resilience';
import { Resilient, ResilienceModule } from 'rxjs-resilience/nestjs';

@Injectable()
export class PaymentsService {
  @Resilient('payments')
  async pay(order: string): Promise<unknown> {
    const headers = { ...outgoingHeaders(), 'Idempotency-Key': order }; // how much time is left
    const response = await fetch('http://payments/charges', { method: 'POST', headers });
    if (!response.ok) throw response;
    return response.json();
  }
}

@Module({
  imports: [ResilienceModule.forRoot({ policies: { payments: (name) => writePipeline({ name, idempotent: true }) } })],
  providers: [PaymentsService],
})
export class AppModule {}
