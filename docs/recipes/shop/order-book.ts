import { AsyncSubject, defer, type Observable, of } from 'rxjs';
import type { Order, OrderStatus } from './order.ts';

interface Entry {
  readonly order: Order;
  /** What the customer is told, now or soon; undefined where the order may be tried again. */
  answer$: Observable<OrderStatus> | undefined;
}

/**
 * Remembers what became of each order, so that the same one sent twice gets one answer, also while the first one is
 * still on its way. It is a convenience: what it forgets is done again, under the same keys.
 */
export class OrderBook {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;

  constructor(most = 100_000) {
    this.#most = most;
  }

  /** `run` goes on when the customer leaves: an order that was sent is carried out. */
  place(order: Order, run: () => Observable<OrderStatus>): Observable<OrderStatus> {
    return defer((): Observable<OrderStatus> => {
      const known = this.#entries.get(order.id);
      if (known === undefined) return this.#start({ order, answer$: undefined }, run);
      const { item, quantity } = known.order;
      if (item !== order.item || quantity !== order.quantity) return of('key_reused');
      return known.answer$ ?? this.#start(known, run);
    });
  }

  /** How an order has ended that was answered with `queued`, by this process or by the one before. */
  settle(order: Order, status: OrderStatus): void {
    this.#keep({ order, answer$: of(status) });
  }

  #start(entry: Entry, run: () => Observable<OrderStatus>): Observable<OrderStatus> {
    const answer$ = new AsyncSubject<OrderStatus>();
    entry.answer$ = answer$;
    this.#keep(entry);
    const again = (): void => {
      if (entry.answer$ === answer$) entry.answer$ = undefined;
    };
    run().subscribe({
      next: (status) => {
        if (status === 'retry_later') again();
        answer$.next(status);
      },
      error: (error: unknown) => {
        again();
        answer$.error(error);
      },
      complete: () => answer$.complete(),
    });
    return answer$;
  }

  #keep(entry: Entry): void {
    this.#entries.set(entry.order.id, entry);
    // The oldest first.
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) return;
      this.#entries.delete(id);
    }
  }
}
