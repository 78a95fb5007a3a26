import { Controller, Get, HttpException, Param, Post, Query } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { firstValueFrom, NEVER, type Observable } from 'rxjs';
import { currentContext, withDeadline } from 'rxjs-resilience';
import { Resilient } from 'rxjs-resilience/nestjs';
import { CatalogService } from './catalog.service';
import { Log } from './log';

@Controller()
export class OrdersController {
  constructor(
    private readonly log: Log,
    private readonly catalog: CatalogService,
  ) {}

  @Get('log')
  taken(): string[] {
    return this.log.take();
  }

  @Get('flaky')
  @Resilient('again')
  async flaky(): Promise<string> {
    this.log.tried('flaky');
    if (this.log.count('flaky') < 3) throw new Error('down');
    return 'fine';
  }

  @Post('flaky')
  @Resilient('again')
  async write(): Promise<string> {
    this.log.tried('write');
    throw new Error('down');
  }

  @Get('status/:status')
  @Resilient('catalog')
  async status(@Param('status') status: string): Promise<string> {
    this.log.tried('status');
    if (status !== '200') throw new HttpException(`as ${status}`, Number(status));
    return 'fine';
  }

  @Get('remaining')
  async remaining(): Promise<number | undefined> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return currentContext().deadline?.remaining();
  }

  @Get('enforced')
  async enforced(): Promise<never> {
    await Promise.resolve();
    return firstValueFrom(NEVER.pipe(withDeadline()));
  }

  @Get('hanging')
  @Resilient('pool')
  hanging(): Promise<never> {
    this.log.tried('hanging');
    return new Promise(() => undefined);
  }

  @Post('hanging')
  @Resilient('pool')
  hangingWrite(): Promise<never> {
    this.log.tried('hanging write');
    return new Promise(() => undefined);
  }

  @Get('find/:id')
  find(@Param('id') id: string): Promise<string> {
    return this.catalog.find(id);
  }

  @Get('watch/:id')
  watch(@Param('id') id: string): Observable<string> {
    return this.catalog.watch(id);
  }

  @Get('fetch')
  fetch(@Query('url') url: string): Observable<string> {
    return this.catalog.fetch(url);
  }

  @Post('charge/:amount')
  charge(@Param('amount') amount: string): Observable<string> {
    return this.catalog.charge(Number(amount));
  }

  @Post('note/:what')
  note(@Param('what') what: string): void {
    this.catalog.note(what);
  }

  @Post('isolate')
  isolate(): void {
    this.catalog.circuit.isolate();
  }

  @MessagePattern('charge')
  charged({ amount }: { amount: number }): string {
    this.log.tried('charged');
    if (this.log.count('charged') < 3) throw new Error('secret: down');
    return `charged ${amount}`;
  }

  @EventPattern('noted')
  noted({ what }: { what: string }): void {
    this.log.add(`noted ${what}`);
  }

  @MessagePattern('guarded')
  @Resilient('isolated')
  guarded(): string {
    return 'never';
  }
}
