import { Controller, Delete, Get, NotFoundException, Param, Post } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { currentContext } from 'rxjs-resilience';
import { Resilient } from 'rxjs-resilience/nestjs';
import { CatalogService } from './catalog.service.js';
import { PaymentsService } from './payments.service.js';

@Controller('orders')
export class OrdersController {
  constructor(
    private readonly catalog: CatalogService,
    private readonly payments: PaymentsService,
  ) {}

  @Get('price/:id')
  price(@Param('id') id: string): Observable<number> {
    return this.catalog.find(id).pipe(map(({ price }) => price));
  }

  @Post(':id/pay/:amount')
  pay(@Param('id') id: string, @Param('amount') amount: string): Promise<string> {
    return this.payments.charge(id, Number(amount));
  }

  @Delete(':id/payment')
  async refund(@Param('id') id: string): Promise<void> {
    // An answer, and no failure of anything.
    if (!(await this.payments.refund(id))) throw new NotFoundException();
  }

  /** Two at once; who waits does so no longer than the request may take. */
  @Get('report')
  @Resilient('reports')
  async report(): Promise<object> {
    const { deadline } = currentContext();
    return { orders: this.payments.ledger.size, left: deadline?.remaining() };
  }
}
