import type { ObservableInput } from 'rxjs';
import type { Order } from './order.ts';

export type ChargeOutcome = 'charged' | 'declined';

export interface Profile {
  readonly name: string;
  readonly currency: string;
}

/**
 * The services behind the shop. What changes something is told the id of the order as a key, and does the same thing
 * only once for it, however often it is asked. All of it ends when the signal aborts, and rejects with an error that
 * has the `status` of the answer where there was one.
 */
export interface Backends {
  /** Sets the goods aside for two days, which is longer than an order may wait for its payment. */
  reserve(order: Order, signal: AbortSignal): ObservableInput<'reserved' | 'sold_out'>;
  /** Takes the money. */
  charge(order: Order, signal: AbortSignal): ObservableInput<ChargeOutcome>;
  /** Tells the customer how it ended. */
  notify(order: Order, outcome: ChargeOutcome, signal: AbortSignal): ObservableInput<unknown>;
  profile(user: string, signal: AbortSignal): ObservableInput<Profile>;
  /** Ids of items. */
  recommend(user: string, signal: AbortSignal): ObservableInput<readonly string[]>;
  /** The same ids in the order in which they suit the query best. */
  rank(query: string, items: readonly string[], signal: AbortSignal): ObservableInput<readonly string[]>;
}
