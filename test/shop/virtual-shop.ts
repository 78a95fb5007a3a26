import { config, defer, map, type Observable, of, tap, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Backends, ChargeOutcome } from '../../docs/recipes/shop/backends.ts';
import { ProviderBooks } from '../../docs/recipes/shop/demo/provider.ts';
import { type JournalEntry, memoryJournal } from '../../docs/recipes/shop/journal.ts';
import { type Order, readOrder } from '../../docs/recipes/shop/order.ts';
import { makeShop, type Shop, type ShopSettings } from '../../docs/recipes/shop/shop.ts';

/** What the services behind the shop do; each may be replaced at any time. */
export interface World {
  reserve: () => Observable<'reserved' | 'sold_out'>;
  /** `charge` takes the money, whenever it is called. */
  payments: (charge: () => ChargeOutcome, id: string) => Observable<ChargeOutcome>;
  /** Id of an order that always fails. */
  broken?: string;
  notify: () => Observable<unknown>;
  profile: Backends['profile'];
  recommend: Backends['recommend'];
  rank: Backends['rank'];
}

export interface VirtualShop {
  readonly shop: Shop;
  readonly world: World;
  readonly books: ProviderBooks;
  readonly entries: JournalEntry[];
  /** Ids of the orders whose customers have got a message. */
  readonly told: ReadonlySet<string>;
  /** `ms from the start`, and what happened then. */
  readonly log: string[];
  readonly at: (ms: number, act: () => void) => void;
  readonly now: () => number;
  /** Gives the order of this name its name in the log. `send` does, too. */
  readonly known: (name: string) => void;
  /** Sends an order, and notes the answer as `NAME status`. */
  readonly send: (name: string, change?: Partial<Record<'item' | 'quantity', unknown>>) => void;
  /** Drops the shop and starts another one over the same journal. */
  readonly restart: () => Shop;
}

export const orderOf = (name: string, { item = 'lamp', quantity = 1 }: Partial<Record<'item' | 'quantity', unknown>> = {}): Order =>
  readOrder('ann', name, { item, quantity })!;

/** The usual time of an answer. */
export const answerTime = 10;

/** Runs a shop in virtual time, stops it after `length` milliseconds, and gives what is left of it. */
export function virtually(length: number, body: (shop: VirtualShop) => void, settings: ShopSettings = {}): VirtualShop {
  const scheduler = new TestScheduler(() => undefined);
  const unhandled: unknown[] = [];
  config.onUnhandledError = (error) => unhandled.push(error);
  try {
    return scheduler.run(({ flush }) => {
      const virtual = begin(scheduler, settings);
      body(virtual);
      timer(length).subscribe(() => virtual.shop.stop());
      flush();
      if (unhandled.length > 0) throw unhandled[0];
      return virtual;
    });
  } finally {
    config.onUnhandledError = null;
  }
}

function begin(scheduler: TestScheduler, settings: ShopSettings): VirtualShop {
  const log: string[] = [];
  const names = new Map<string, string>();
  const note = (text: string): void => void log.push(`${scheduler.now()} ${text}`);
  const books = new ProviderBooks();
  const answered = <T>(value: T): Observable<T> => timer(answerTime).pipe(map(() => value));
  const world: World = {
    reserve: () => of('reserved'),
    payments: (charge) => timer(answerTime).pipe(map(charge)),
    notify: () => answered('told'),
    profile: (user) => answered({ name: user, currency: 'EUR' }),
    recommend: () => answered(['plant']),
    rank: (_query, items) => answered(items.toReversed()),
  };
  const backends: Backends = {
    reserve: ({ id }) => defer(() => (note(`reserve ${names.get(id)}`), world.reserve())),
    charge: ({ id, amount }) =>
      defer(() => {
        note(`charge ${names.get(id)}`);
        books.asked(id);
        if (id === world.broken) return throwError(() => new Error('broken'));
        return world.payments(() => books.charge(id, amount) as ChargeOutcome, id);
      }),
    notify: ({ id }, outcome) =>
      defer(() => {
        note(`notify ${names.get(id)} ${outcome}`);
        return world.notify().pipe(tap({ complete: () => told.add(id) }));
      }),
    profile: (...call) => world.profile(...call),
    recommend: (...call) => world.recommend(...call),
    rank: (...call) => world.rank(...call),
  };
  const entries: JournalEntry[] = [];
  const told = new Set<string>();
  // No jitter: every delay is the middle of what it might be.
  const open = (): Shop => {
    const shop = makeShop(backends, memoryJournal(entries), { random: () => 0.5, ...settings });
    shop.work();
    return shop;
  };
  let shop = open();
  return {
    get shop() {
      return shop;
    },
    ...{ world, books, entries, log, told },
    now: () => scheduler.now(),
    known: (name) => void names.set(orderOf(name).id, name),
    at: (ms, act) => void timer(ms).subscribe(act),
    send: (name, change) => {
      const order = orderOf(name, change);
      names.set(order.id, name);
      shop.place(order).pipe(tap({ error: ({ message }: Error) => note(`${name} ! ${message}`) })).subscribe({
        next: (status) => note(`${name} ${status}`),
        error: () => undefined,
      });
    },
    restart: () => {
      shop.stop();
      shop = open();
      return shop;
    },
  };
}
