import { createHash } from 'node:crypto';
import { itemOf } from './catalogue.ts';

export interface Order {
  /** The key of everything that is done for this order, in this service and behind it. */
  readonly id: string;
  readonly user: string;
  readonly item: string;
  readonly quantity: number;
  /** In cents. */
  readonly amount: number;
}

/** What a customer is told. After `retry_later` the same order may be sent again, with the same key. */
export type OrderStatus = 'accepted' | 'queued' | 'retry_later' | 'declined' | 'sold_out' | 'key_reused';

const most = 10;

/**
 * The order in the body of a request, or undefined where there is none. Its price is ours, not the customer's, and its
 * id follows from who sends it under which key: whoever sends it again, after whatever has happened, sends the same order.
 */
export function readOrder(user: string, key: string, body: unknown): Order | undefined {
  const { item, quantity, ...others } = Object(body) as Record<string, unknown>;
  const found = itemOf(item);
  if (found === undefined || Object.keys(others).length > 0) return undefined;
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > most) return undefined;
  return { id: orderId(user, key), user, item: found.id, quantity, amount: found.price * quantity };
}

/** Two users may choose the same key: neither gets to see the order of the other one. */
function orderId(user: string, key: string): string {
  return createHash('sha256').update(JSON.stringify([user, key])).digest('hex').slice(0, 32);
}
