import { Mutation, Query, Resolver } from '@nestjs/graphql';
import { Resilient } from 'rxjs-resilience/nestjs';
import { Log } from './log';

@Resolver()
@Resilient('again')
export class ItemsResolver {
  constructor(private readonly log: Log) {}

  @Query(() => String)
  async item(): Promise<string> {
    this.log.tried('item');
    if (this.log.count('item') < 3) throw new Error('down');
    return 'an item';
  }

  @Mutation(() => String)
  async add(): Promise<string> {
    this.log.tried('add');
    throw new Error('down');
  }

  @Query(() => String)
  @Resilient('isolated')
  async refused(): Promise<string> {
    return 'never';
  }
}
