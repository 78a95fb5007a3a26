import { Injectable } from '@nestjs/common';
import { currentContext, type ResiliencePipeline } from 'rxjs-resilience';
import { InjectPolicy, Resilient } from 'rxjs-resilience/nestjs';

@Injectable()
export class PaymentsService {
  readonly ledger = new Map<string, number>();

  constructor(@InjectPolicy('payments') private readonly payments: ResiliencePipeline) {}

  /** While the circuit is open this is not called: the promise rejects with a `CircuitOpenError`. */
  @Resilient('payments')
  async charge(order: string, amount: number): Promise<string> {
    const { signal } = currentContext(); // aborts when the call is cut
    await this.provider(order, amount, signal);
    return `paid ${amount}`;
  }

  /** The same by hand, for what is not a method of its own. */
  refund(order: string): Promise<boolean> {
    return this.payments.run(async () => this.ledger.delete(order));
  }

  /** Stands for a call over the network. */
  private async provider(order: string, amount: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (amount > 1_000) throw new Error('the provider is down');
    this.ledger.set(order, amount);
  }
}
