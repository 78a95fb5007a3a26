import { map, NEVER, throwError, timer } from 'rxjs';
import { currentContext, Deadline, runInContext } from 'rxjs-resilience';
import { describe, expect, it } from 'vitest';
import type { ShopSettings } from '../../docs/recipes/shop/shop.ts';
import { orderOf, virtually, type VirtualShop } from './virtual-shop.ts';

const failing = (code: number) => () => throwError(() => Object.assign(new Error(`status ${code}`), { status: code }));
const charges = ({ log }: VirtualShop): string[] => log.filter((line) => line.includes(' charge '));
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `o${index + 1}`);

/** A shop that finds orders in its journal when it starts. */
function after(orders: readonly string[], length: number, body: (shop: VirtualShop) => void, settings?: ShopSettings): VirtualShop {
  return virtually(
    length,
    (shop) => {
      orders.forEach((name) => shop.known(name));
      shop.entries.push(...orders.map((name) => ({ type: 'begun' as const, at: 0, order: orderOf(name) })));
      shop.restart();
      body(shop);
    },
    settings,
  );
}

describe('the worker', () => {
  it('finishes what it finds, oldest first, one order every 500 ms', () => {
    const shop = after(names(4), 10_000, () => undefined);
    expect(charges(shop)).toStrictEqual(['500 charge o1', '1000 charge o2', '1500 charge o3', '2000 charge o4']);
    expect(shop.log.filter((line) => line.includes('notify')).map((line) => line.split(' ').slice(1).join(' '))).toStrictEqual(names(4).map((name) => `notify ${name} charged`));
    expect(shop.shop.unfinished.size.all).toBe(0);
  });

  it('takes no next one before the last one is over', () => {
    const shop = after(names(3), 20_000, ({ world }) => {
      world.payments = (charge) => timer(1_700).pipe(map(charge));
    });
    expect(charges(shop)).toStrictEqual(['500 charge o1', '2500 charge o2', '4500 charge o3']);
  });

  it('pauses while the circuit is open, and drains slowly once it is closed', () => {
    const shop = after(names(6), 30_000, ({ world, at, shop: { policies } }) => {
      const { breaker } = policies.payments.parts;
      world.payments = failing(503);
      at(6_000, () => (world.payments = (charge) => timer(10).pipe(map(charge))));
      at(2_000, () => expect(breaker.state).toBe('open'));
      at(11_000, () => expect(breaker.state).toBe('open'));
      at(11_600, () => expect(breaker.state).toBe('half-open'));
    });
    // Three failures open it for 10 s; then each order is a probe, and the third one closes it.
    const all = charges(shop);
    expect(all.slice(0, 3)).toStrictEqual(['500 charge o1', '1000 charge o2', '1500 charge o3']);
    expect(all.slice(3).map((line) => Number(line.split(' ')[0]))).toStrictEqual([12_000, 12_500, 13_000, 13_500, 14_000, 14_500]);
    expect(shop.shop.unfinished.size.all).toBe(0);
    expect(shop.shop.policies.payments.parts.breaker.state).toBe('closed');
  });

  it('pauses while the circuit is isolated', () => {
    const shop = after(names(2), 10_000, ({ at, shop: { policies } }) => {
      const isolation = policies.payments.parts.breaker.isolate('maintenance');
      at(5_000, () => isolation.release());
    });
    expect(charges(shop)).toStrictEqual(['5500 charge o1', '6000 charge o2']);
  });

  it('lets the order end that is under way when the circuit opens', () => {
    const shop = after(names(1), 60_000, ({ world, at, send }) => {
      world.payments = (charge) => timer(3_000).pipe(map(charge));
      at(600, () => {
        world.payments = failing(503);
        send('live');
      });
      at(8_000, () => (world.payments = (charge) => timer(10).pipe(map(charge))));
    });
    const notified = shop.log.find((line) => line.endsWith('notify o1 charged'));
    expect(charges(shop).filter((line) => line.endsWith('o1'))).toStrictEqual(['500 charge o1']);
    expect(Number(notified!.split(' ')[0])).toBeLessThan(5_000);
  });

  it('is the probe where no customer comes', () => {
    const shop = virtually(40_000, ({ world, send, at }) => {
      world.payments = failing(503);
      send('a');
      at(3_000, () => (world.payments = (charge) => timer(10).pipe(map(charge))));
    });
    expect(shop.books.charges.size).toBe(1);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });

  it('has time of its own, and not what the request has left that brought the order', () => {
    const seen: unknown[] = [];
    const shop = virtually(40_000, ({ world, send, at }) => {
      world.payments = failing(503);
      runInContext({ deadline: Deadline.after(2_000), priority: 'sheddable' }, () => send('a'));
      at(3_000, () => {
        world.payments = (charge) => {
          seen.push(currentContext().deadline?.remaining(), currentContext().priority);
          return timer(1_000).pipe(map(charge));
        };
      });
    });
    expect(seen).toStrictEqual([5_000, undefined]);
    expect(shop.books.charges.size).toBe(1);
  });

  it('waits where the bulkhead is full, and does not count that against the order', () => {
    const shop = after(names(1), 20_000, ({ world, send }) => {
      world.payments = (charge) => timer(1_000).pipe(map(charge));
      // 10 run and 20 wait, for 3 s.
      for (let i = 0; i < 30; i++) send(`live${i}`);
    });
    expect(charges(shop).filter((line) => line.endsWith(' o1'))).toHaveLength(1);
    expect(shop.shop.unfinished.size).toStrictEqual({ all: 0, waiting: 0, aside: 0 });
    expect(shop.books.charges.size).toBe(31);
  });

  it('goes on with the others where one keeps failing, and comes back to it less and less often', () => {
    const shop = after(names(3), 2_000_000, ({ world }) => {
      world.broken = orderOf('o1').id;
    });
    const tries = charges(shop).filter((line) => line.endsWith(' o1')).map((line) => Number(line.split(' ')[0]));
    expect(charges(shop).slice(0, 3).map((line) => line.split(' ')[2])).toStrictEqual(['o1', 'o2', 'o3']);
    expect(tries).toStrictEqual([500, 10_500, 50_500, 210_500, 810_500, 1_410_500]);
    expect(shop.books.charges.size).toBe(2);
  });

  it('sets aside what the provider refuses for good, and what is too old to be repeated', () => {
    const day = 24 * 3_600_000;
    const shop = after(names(1), day, ({ world, at, shop: { unfinished } }) => {
      world.payments = failing(401);
      at(1_000, () => expect(unfinished.size).toStrictEqual({ all: 1, waiting: 0, aside: 1 }));
    });
    expect(charges(shop)).toStrictEqual(['500 charge o1']);
    // Whoever starts the next time has it again.
    expect(shop.entries.some(({ type }) => type === 'finished')).toBe(false);

    const old = after(names(1), day, ({ shop: { policies }, at, world }) => {
      const isolation = policies.payments.parts.breaker.isolate();
      at(day - 10_000, () => isolation.release());
      world.payments = () => NEVER;
    });
    expect(charges(old)).toStrictEqual([]);
    expect(old.shop.unfinished.size).toStrictEqual({ all: 1, waiting: 0, aside: 1 });
  });

  it('tells the customer later where nobody can be told now', () => {
    const shop = virtually(40_000, ({ world, send, at }) => {
      world.notify = failing(503);
      send('a');
      at(2_000, () => (world.notify = () => timer(10)));
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '10 notify a charged', '10 a accepted', '510 notify a charged', '10510 notify a charged']);
    expect(shop.books.timesAsked(orderOf('a').id)).toBe(1);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });

  it('has no clock while there is nothing to do', () => {
    // Were there one, this would not come to an end before it is stopped: it takes a year.
    const start = performance.now();
    virtually(365 * 24 * 3_600_000, ({ send }) => send('a'));
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
