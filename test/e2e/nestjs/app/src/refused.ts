import { Controller, Get, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { InjectPolicy, ResilienceModule, Resilient } from 'rxjs-resilience/nestjs';
import { policies } from './policies';

@WebSocketGateway()
class Chat {
  @SubscribeMessage('said')
  @Resilient('again')
  async said(): Promise<string> {
    return 'heard';
  }
}

@Resolver()
class Items {
  @Query(() => String)
  item(): string {
    return 'item';
  }

  @Subscription(() => String)
  @Resilient('again')
  added(): AsyncIterable<string> {
    throw new Error('never called');
  }
}

@Resolver('Item')
class Fields {
  @ResolveField('name')
  @Resilient('again')
  async field(): Promise<string> {
    return 'name';
  }
}

@Controller()
class Orders {
  @Get()
  @Resilient('agian')
  get(): string {
    return 'never';
  }
}

@Injectable()
class Wants {
  constructor(@InjectPolicy('agian') readonly policy: unknown) {}
}

/** Starts with each of these in turn, and says what that is refused with. */
async function main(): Promise<void> {
  const parts: Record<string, { controllers?: Type[]; providers?: Type[] }> = {
    gateway: { providers: [Chat] },
    subscription: { providers: [Items] },
    field: { providers: [Fields] },
    handler: { controllers: [Orders] },
    injection: { providers: [Wants] },
  };
  for (const [what, part] of Object.entries(parts)) {
    @Module({ imports: [ResilienceModule.forRoot({ policies })], ...part })
    class Root {}
    const error = await NestFactory.create(Root, { logger: false, abortOnError: false }).then(() => 'nothing', String);
    console.log(`${what}: ${error}`);
  }
}

void main();
