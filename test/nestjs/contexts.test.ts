import { Injectable, SetMetadata } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { circuitBreaker, constant, retryWithBackoff } from 'rxjs-resilience';
import { Resilient } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { refusal, type Setup, start } from './application.ts';

/** As `@nestjs/graphql` and `@nestjs/websockets` mark them; the real ones are in test/e2e/nestjs. */
const Resolver = () => SetMetadata('graphql:resolver_type', undefined);
const operation = (type: string) => SetMetadata('graphql:resolver_type', type);
const ResolveField = () => SetMetadata('graphql:resolve_property', true);
const ResolveReference = () => SetMetadata('graphql:resolve_reference', true);
const Gateway = () => SetMetadata('websockets:is_gateway', true);
const SubscribeMessage = () => SetMetadata('websockets:message_mapping', true);

const again = () => retryWithBackoff(constant(0), { maxRetries: 2, budget: false });
const options = { policies: { again, circuit: () => circuitBreaker() } };

describe('a GraphQL resolver', () => {
  @Resolver()
  @Resilient('again')
  class Items {
    calls: string[] = [];

    @operation('Query')
    async item() {
      this.calls.push('item');
      if (this.calls.length < 3) throw new Error('down');
      return 'item';
    }

    @operation('Mutation')
    async add() {
      this.calls.push('add');
      throw new Error('down');
    }

    @operation('Query')
    @Resilient('circuit')
    async own() {
      this.calls.push('own');
      throw new Error('down');
    }

    @ResolveField()
    async field() {
      this.calls.push('field');
      throw new Error('down');
    }
  }

  async function asked(method: 'item' | 'add' | 'own' | 'field', operationType: string | undefined) {
    const { app } = await start({ providers: [Items], options });
    const items = app.get(Items);
    const creator = app.get(ExternalContextCreator);
    const run = creator.create(items, items[method], method, undefined, undefined, undefined, undefined, undefined, 'graphql');
    const info = operationType === undefined ? undefined : { operation: { operation: operationType } };
    const outcome = await run({}, {}, {}, info).catch(String);
    return [outcome, items.calls.length];
  }

  it('tries a query again', async () => {
    expect(await asked('item', 'query')).toStrictEqual(['item', 3]);
  });

  it('makes a mutation once, and what it knows nothing of', async () => {
    expect(await asked('add', 'mutation')).toStrictEqual(['Error: down', 1]);
    expect(await asked('item', undefined)).toStrictEqual(['Error: down', 1]);
  });

  it('runs an operation with a mark of its own by that alone, and fields by none', async () => {
    expect(await asked('own', 'query')).toStrictEqual(['Error: down', 1]);
    expect(await asked('field', 'query')).toStrictEqual(['Error: down', 1]);
  });
});

describe('a start says what is not supported', () => {
  const refused = async (setup: Setup) => String(await refusal({ options, ...setup }));

  it('gateways', async () => {
    @Gateway()
    class Chat {
      @SubscribeMessage()
      @Resilient('again')
      async said() {
        return 1;
      }
    }
    @Gateway()
    @Resilient('again')
    class Whole {}
    const why = 'a gateway is not supported; mark a method of a provider';
    expect(await refused({ providers: [Chat] })).toBe(`TypeError: @Resilient('again') on Chat.said: ${why}`);
    expect(await refused({ providers: [Whole] })).toBe(`TypeError: @Resilient('again') on Whole: ${why}`);
  });

  it.each<[string, MethodDecorator, string]>([
    ['subscriptions', operation('Subscription'), 'a subscription'],
    ['fields', ResolveField(), 'a field of a resolver'],
    ['references', ResolveReference(), 'a field of a resolver'],
  ])('%s of a resolver', async (_what, decorator, what) => {
    @Resolver()
    class Items {
      @decorator
      @Resilient('again')
      async of() {
        return 1;
      }
    }
    const expected = `TypeError: @Resilient('again') on Items.of: ${what} is not supported; mark a method of a provider`;
    expect(await refused({ providers: [Items] })).toBe(expected);
  });

  it('but not a method of them that they call themselves', async () => {
    @Gateway()
    class Chat {
      @Resilient('again')
      async load() {
        return 1;
      }
    }
    expect(await refused({ providers: [Chat] })).toBe('undefined');
  });
});

it('makes a handler of a context that it does not know once', async () => {
  @Injectable()
  class Odd {
    calls = 0;

    @Resilient('again')
    @SetMetadata('microservices:pattern', ['odd'])
    async handle() {
      this.calls++;
      throw new Error('down');
    }
  }
  const { app } = await start({ providers: [Odd], options });
  const odd = app.get(Odd);
  const creator = app.get(ExternalContextCreator);
  const run = creator.create(odd, odd.handle, 'handle', undefined, undefined, undefined, undefined, undefined, 'telegram');
  await expect(run()).rejects.toThrow('down');
  expect(odd.calls).toBe(1);
});
