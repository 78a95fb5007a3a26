import type { OrderStatus } from '../order.ts';
import type { Placed, Seen } from './customers.ts';
import type { Played } from './simulation.ts';

/** What there is to say at the end. */
export interface ShopReport {
  readonly orders: {
    readonly placed: number;
    /** How the first answer was, and how it ended for the customer. */
    readonly first: Readonly<Partial<Record<OrderStatus | 'error', number>>>;
    readonly last: Readonly<Partial<Record<OrderStatus | 'error', number>>>;
  };
  readonly payments: {
    /** Requests to the provider, and for how many orders. */
    readonly requests: number;
    readonly orders: number;
    /** Charges that the shop did not hear of when they were made. */
    readonly unheard: number;
    readonly charged: number;
    readonly declined: number;
    /** In cents: what was taken, and what the orders cost that were accepted. */
    readonly taken: number;
    readonly owed: number;
  };
  readonly queue: {
    readonly most: number;
    readonly foundInJournal: number;
    /** Milliseconds from the recovery of payments until it was empty. */
    readonly drained: number | null;
  };
  readonly messages: { readonly customers: number };
  readonly seen: Seen;
  /** What is wrong: nothing, if the shop keeps its promises. */
  readonly broken: readonly string[];
}

export function reportOf({ customers, services, mostWaiting, foundInJournal, drained, unfinished }: Played): ShopReport {
  const { placed, seen } = customers;
  const { books, unheard, messages } = services;
  const charges = [...books.charges.values()];
  const accepted = placed.filter(({ heard }) => heard.at(-1) === 'accepted');
  return {
    orders: {
      placed: placed.length,
      first: counted(placed.map(({ heard }) => heard[0])),
      last: counted(placed.map(({ heard }) => heard.at(-1))),
    },
    payments: {
      requests: books.requests,
      orders: books.charges.size,
      unheard,
      charged: charges.filter(({ outcome }) => outcome === 'charged').length,
      declined: charges.filter(({ outcome }) => outcome === 'declined').length,
      taken: sum(charges.filter(({ outcome }) => outcome === 'charged').map(({ amount }) => amount)),
      owed: sum(accepted.map(({ order }) => order.amount)),
    },
    queue: { most: mostWaiting, foundInJournal, drained: drained === undefined ? null : Math.round(drained) },
    messages: { customers: messages.size },
    seen,
    broken: brokenPromises(placed, books.charges, messages, unfinished),
  };
}

function brokenPromises(
  placed: readonly Placed[],
  charges: Played['services']['books']['charges'],
  messages: ReadonlyMap<string, number>,
  unfinished: number,
): string[] {
  const broken: string[] = [];
  if (unfinished > 0) broken.push(`${unfinished} orders are not finished`);
  const known = new Set(placed.map(({ order }) => order.id));
  for (const key of charges.keys()) if (!known.has(key)) broken.push(`${key} was charged and is no order`);
  for (const { order, heard } of placed) {
    const charge = charges.get(order.id);
    const last = heard.at(-1);
    const paid = charge?.outcome === 'charged';
    if (last !== 'accepted' && last !== 'declined') broken.push(`${order.id} ended with ${last}`);
    if (paid !== (last === 'accepted')) broken.push(`${order.id} was told ${last}, and was ${paid ? '' : 'not '}charged`);
    if (charge !== undefined && charge.amount !== order.amount) broken.push(`${order.id} was charged another amount`);
    if (paid && !messages.has(order.id)) broken.push(`${order.id} has paid and not heard of it`);
  }
  return broken;
}

function counted<T extends string>(values: readonly (T | undefined)[]): Partial<Record<T, number>> {
  const counts: Partial<Record<T, number>> = {};
  for (const value of values) if (value !== undefined) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
