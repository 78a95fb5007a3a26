import { merge, Subject, takeUntil, tap } from 'rxjs';
import type { Backends } from './backends.ts';
import type { Journal } from './journal.ts';
import type { Order, OrderStatus } from './order.ts';
import { OrderBook } from './order-book.ts';
import { chargeWorker, notifyWorker, type WorkerSettings } from './order-worker.ts';
import { placeOrder } from './place-order.ts';
import { type PolicySettings, shopPolicies } from './policies.ts';
import { profiles } from './profile.ts';
import { recommendations, Trending } from './recommendations.ts';
import { search } from './search.ts';
import { UnfinishedOrders } from './unfinished-orders.ts';

export interface ShopSettings extends PolicySettings, WorkerSettings {}

/** Everything that the shop is made of, whichever way it is asked. */
export function makeShop(backends: Backends, journal: Journal, settings: ShopSettings = {}) {
  const policies = shopPolicies(settings);
  const unfinished = new UnfinishedOrders(journal);
  const parts = { backends, policies, unfinished };
  const book = new OrderBook();
  const trending = new Trending();
  const stopped$ = new Subject<void>();

  const sold = ({ item, quantity }: Order) => (status: OrderStatus): void => {
    if (status === 'accepted' || status === 'queued') trending.bought(item, quantity);
  };

  return {
    policies,
    unfinished,
    place: (order: Order) => book.place(order, () => placeOrder(order, parts).pipe(tap(sold(order)), takeUntil(stopped$))),
    profile: profiles(backends, policies),
    recommendations: recommendations(backends, policies, trending),
    search: search(backends, policies),
    /** Finishes what is unfinished, from now on. */
    work(): void {
      const charged$ = chargeWorker(parts, settings).pipe(
        tap(({ order, outcome }) => book.settle(order, outcome === 'charged' ? 'accepted' : outcome)),
      );
      merge(charged$, notifyWorker(parts, settings)).pipe(takeUntil(stopped$)).subscribe();
    },
    /** Drops whatever is under way. What is in the journal goes on when the shop starts the next time. */
    stop(): void {
      stopped$.next();
      for (const pipeline of Object.values(policies)) pipeline.dispose();
    },
  };
}

export type Shop = ReturnType<typeof makeShop>;
