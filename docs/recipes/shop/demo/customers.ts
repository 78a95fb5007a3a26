import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue } from '../catalogue.ts';
import { type Order, type OrderStatus, readOrder } from '../order.ts';

/** An order as its customer sees it. */
export interface Placed {
  readonly key: string;
  readonly order: Order;
  /** Everything that was answered, in order; `error` where there was no answer. */
  readonly heard: (OrderStatus | 'error')[];
}

/** What the visitors of the shop have seen of its pages: how often what came from where. */
export type Seen = Readonly<Record<'profile' | 'recommendations' | 'search', Record<string, number>>>;

export interface Customers {
  readonly placed: readonly Placed[];
  /** All answers to orders so far, by what they were. */
  readonly answers: Readonly<Record<string, number>>;
  readonly seen: Seen;
  /** Sends an order, and sends it again with the same key as long as there is no answer, or one to come later. */
  order(): Promise<void>;
  /** Sends one again that is queued, to hear what has become of it. */
  ask(placed: Placed): Promise<void>;
  /** Looks at the pages. */
  look(): Promise<void>;
  /** Forgets the orders so far: for a story without an end. */
  forget(): void;
}

/** People in front of the shop, who talk to it by HTTP. */
export function customers(url: () => string, random: () => number, signal?: AbortSignal): Customers {
  const placed: Placed[] = [];
  const answers: Record<string, number> = {};
  const seen: Seen = { profile: {}, recommendations: {}, search: {} };

  async function send({ key, order, heard }: Placed): Promise<OrderStatus | 'error'> {
    const { user, item, quantity } = order;
    const answer = fetch(new URL('/orders', url()), {
      method: 'POST',
      headers: { 'X-User': user, 'Idempotency-Key': key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ item, quantity }),
    });
    // No answer, or one that says nothing of the order: it may or may not have been placed.
    const { status, wait } = await answer.then(read).catch(() => ({ status: 'error' as const, wait: 300 }));
    heard.push(status);
    answers[status] = (answers[status] ?? 0) + 1;
    if (status === 'error' || status === 'retry_later') await sleep(wait, undefined, { signal }).catch(() => undefined);
    return status;
  }

  function newOrder(): Placed {
    const user = `user-${Math.floor(20 * random())}`;
    const key = crypto.randomUUID();
    const item = catalogue[Math.floor(catalogue.length * random())]!.id;
    // Now and then somebody buys more than their card bears.
    const order = readOrder(user, key, random() < 0.03 ? { item: 'desk', quantity: 9 } : { item, quantity: 1 })!;
    const one: Placed = { key, order, heard: [] };
    placed.push(one);
    return one;
  }

  async function get(page: keyof Seen, path: string, headers: Record<string, string>): Promise<void> {
    const from = await fetch(new URL(path, url()), { headers }).then(
      async (response) => {
        const body = (await response.json()) as { from?: string; ranking?: string };
        return body.from ?? body.ranking ?? `${response.status}`;
      },
      () => 'error',
    );
    seen[page][from] = (seen[page][from] ?? 0) + 1;
  }

  async function read(response: Response): Promise<{ readonly status: OrderStatus; readonly wait: number }> {
    const { status } = (await response.json()) as { status?: OrderStatus };
    if (status === undefined) throw new Error(`status ${response.status}`);
    return { status, wait: Number(response.headers.get('retry-after')) * 1_000 };
  }

  return {
    ...{ placed, answers, seen },
    async order() {
      const one = newOrder();
      for (let tries = 0; tries < 20 && signal?.aborted !== true; tries++) {
        const status = await send(one);
        if (status !== 'error' && status !== 'retry_later') return;
      }
    },
    ask: async (one) => void (await send(one)),
    async look() {
      const user = `user-${Math.floor(20 * random())}`;
      await get('profile', '/profile', { 'X-User': user });
      await get('recommendations', '/recommendations', { 'X-User': user });
      // Somebody on a slow line has asked for an answer within 40 ms.
      await get('search', '/search?q=desk', { 'X-Request-Timeout-Ms': random() < 0.2 ? '40' : '1000' });
    },
    forget: () => void placed.splice(0),
  };
}
