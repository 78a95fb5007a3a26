import { EMPTY, map, mergeMap, NEVER, of, throwError, timer } from 'rxjs';
import { Deadline, runInContext } from 'rxjs-resilience';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../docs/recipes/shop/journal.ts';
import { orderOf, virtually, type VirtualShop } from './virtual-shop.ts';

const failing = (code: number) => () => throwError(() => Object.assign(new Error(`status ${code}`), { status: code }));
const many = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => `o${from + index}`);

/** Who was answered so, in this order. */
const answered = ({ log }: VirtualShop, status: string): string[] =>
  log.filter((line) => line.endsWith(` ${status}`)).map((line) => line.split(' ')[1]!);
const lines = ({ log }: VirtualShop, word: string): string[] => log.filter((line) => line.split(' ').slice(1).includes(word));
const charged = ({ books }: VirtualShop, name: string): boolean => books.charges.has(orderOf(name).id);

describe('an order', () => {
  it('sets the goods aside, takes the money, tells the customer, and leaves nothing behind', () => {
    const shop = virtually(1_000, ({ send }) => send('a'));
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '10 notify a charged', '20 a accepted']);
    expect(shop.books.charges.get(orderOf('a').id)).toStrictEqual({ amount: 4_900, outcome: 'charged' });
    expect(shop.shop.unfinished.size).toStrictEqual({ all: 0, waiting: 0, aside: 0 });
    expect(shop.entries.map(({ type }) => type)).toStrictEqual(['begun', 'finished']);
  });

  it('is in the journal before the provider hears of it', () => {
    let known: JournalEntry[] = [];
    virtually(1_000, ({ world, entries, send }) => {
      world.payments = () => {
        known = [...entries];
        return NEVER;
      };
      send('a');
    });
    expect(known).toStrictEqual([{ type: 'begun', at: 0, order: orderOf('a') }]);
  });

  it('is declined by the provider, and that is that', () => {
    const shop = virtually(60_000, ({ send }) => send('a', { item: 'desk', quantity: 10 }));
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '10 a declined']);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });

  it('is sold out, and the provider is not asked', () => {
    const shop = virtually(1_000, ({ world, send }) => {
      world.reserve = () => of('sold_out');
      send('a');
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 a sold_out']);
    expect(shop.entries).toStrictEqual([]);
  });

  it('may come again where the goods cannot be set aside', () => {
    const shop = virtually(10_000, ({ world, send }) => {
      world.reserve = failing(503);
      send('a');
    });
    expect(answered(shop, 'retry_later')).toStrictEqual(['a']);
    expect(shop.entries).toStrictEqual([]);
  });

  it('fails where the provider refuses it for good, and is not queued', () => {
    const shop = virtually(60_000, ({ world, send }) => {
      world.payments = failing(401);
      send('a');
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '0 a ! status 401']);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });
});

describe('a full bulkhead', () => {
  it('lets 10 payments run and 20 wait, and sends the 31st away before anything is done for it', () => {
    const shop = virtually(1_000, ({ world, send, at }) => {
      world.payments = (charge) => timer(500).pipe(map(charge));
      many(1, 30).forEach((name) => send(name));
      at(100, () => send('late'));
    });
    expect(shop.log.filter((line) => line.startsWith('0 charge'))).toHaveLength(10);
    expect(lines(shop, 'late')).toStrictEqual(['100 late retry_later']);
    expect(shop.log.filter((line) => line.startsWith('500 charge'))).toHaveLength(10);
  });

  it('sends those away, too, who find it full only when their goods are set aside: no money, no queue', () => {
    const shop = virtually(60_000, ({ world, send }) => {
      world.reserve = () => timer(5).pipe(map(() => 'reserved' as const));
      many(1, 30).forEach((name) => send(name));
      world.payments = (charge) => timer(500).pipe(map(charge));
    });
    expect(answered(shop, 'accepted')).toHaveLength(30);

    // 30 reservations run at once; the next come when those are through the door.
    const crowded = virtually(60_000, ({ world, send, at }) => {
      world.reserve = () => timer(5).pipe(map(() => 'reserved' as const));
      world.payments = (charge) => timer(500).pipe(map(charge));
      many(1, 20).forEach((name) => send(name));
      at(3, () => many(21, 30).forEach((name) => send(name)));
      at(5, () => many(31, 40).forEach((name) => send(name)));
    });
    expect(answered(crowded, 'accepted')).toStrictEqual(many(1, 30));
    expect(answered(crowded, 'retry_later')).toStrictEqual(many(31, 40));
    expect(many(31, 40).some((name) => charged(crowded, name))).toBe(false);
    expect(crowded.shop.unfinished.size.all).toBe(0);
  });

  it('lets 30 reservations run, and the 31st come again', () => {
    const shop = virtually(500, ({ world, send }) => {
      world.reserve = () => NEVER;
      many(1, 31).forEach((name) => send(name));
    });
    expect(lines(shop, 'reserve')).toHaveLength(30);
    expect(answered(shop, 'retry_later')).toStrictEqual(['o31']);
  });

  it('lets 50 messages go out, and whoever comes then come again without being charged', () => {
    const shop = virtually(500, ({ world, send, at }) => {
      world.notify = () => NEVER;
      for (let i = 0; i < 5; i++) at(20 * i, () => many(10 * i + 1, 10 * i + 10).forEach((name) => send(name)));
      at(100, () => send('late'));
    });
    expect(lines(shop, 'notify')).toHaveLength(50);
    expect(answered(shop, 'retry_later')).toStrictEqual(['late']);
    expect(charged(shop, 'late')).toBe(false);
  });

  it('keeps no order from being accepted that is paid: a worker tells the customer', () => {
    const shop = virtually(5_000, ({ world, send, at }) => {
      world.notify = () => timer(900);
      for (let i = 0; i < 5; i++) at(10 * i, () => many(10 * i + 1, 10 * i + 10).forEach((name) => send(name)));
      // Through the door, and not yet charged, when 50 messages are under way.
      at(45, () => many(51, 53).forEach((name) => send(name)));
    });
    expect(answered(shop, 'accepted')).toHaveLength(53);
    expect(lines(shop, 'accepted').slice(0, 3)).toStrictEqual(['60 o51 accepted', '60 o52 accepted', '60 o53 accepted']);
    expect(lines(shop, 'notify').slice(50)).toStrictEqual(['1060 notify o51 charged', '2060 notify o52 charged', '3060 notify o53 charged']);
    expect(shop.entries.filter(({ type }) => type === 'finished')).toHaveLength(53);
  });

  it('never sends somebody away whose payment was tried: it may have been taken', () => {
    const shop = virtually(60_000, ({ world, send, at, books }) => {
      let first = true;
      world.payments = (charge) => {
        if (!first) return timer(2_000).pipe(map(charge));
        first = false;
        // It takes the money, and the connection breaks.
        return timer(1).pipe(mergeMap(() => (charge(), failing(503)())));
      };
      send('a');
      at(1, () => many(1, 29).forEach((name) => send(name)));
      at(2, () => send('o30'));
      at(3, () => expect(books.charges.size).toBe(1));
    });
    expect(answered(shop, 'retry_later')).toStrictEqual([]);
    expect(answered(shop, 'queued')).toStrictEqual(['a']);
    expect(shop.books.timesAsked(orderOf('a').id)).toBeGreaterThan(1);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });
});

describe('an outage of the payments', () => {
  it('is met by a try and two retries, opens the circuit, and puts the order in the queue', () => {
    const shop = virtually(5_000, ({ world, send, at }) => {
      world.payments = failing(503);
      send('a');
      at(3_000, () => send('b'));
    });
    // 0.5 of what decorrelated jitter may draw: 200 to 600, and 200 to 1,200.
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '400 charge a', '1100 charge a', '1100 a queued', '3000 reserve b', '3000 b queued']);
    expect(shop.shop.policies.payments.parts.breaker.state).toBe('open');
  });

  it('is met after 5,000 ms where the provider hangs, three times, with the same key', () => {
    const shop = virtually(18_000, ({ world, send }) => {
      world.payments = () => NEVER;
      send('a');
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '5400 charge a', '11100 charge a', '16100 a queued']);
    expect(shop.books.timesAsked(orderOf('a').id)).toBe(3);
  });

  it('costs one charge where a try that timed out has charged already', () => {
    const shop = virtually(60_000, ({ world, send, at }) => {
      world.payments = (charge) => (charge(), NEVER);
      send('a');
      at(17_000, () => (world.payments = (charge) => timer(10).pipe(map(charge))));
    });
    expect(answered(shop, 'queued')).toStrictEqual(['a']);
    expect(shop.books.charges.size).toBe(1);
    expect(shop.books.timesAsked(orderOf('a').id)).toBe(4);
    expect(lines(shop, 'notify')).toHaveLength(1);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });

  it('does not keep a customer who has a second: what may have been charged is queued while they still listen', () => {
    const shop = virtually(1_400, ({ world, send }) => {
      world.payments = () => NEVER;
      runInContext({ deadline: Deadline.after(1_000) }, () => send('a'));
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '950 a queued']);
    // A second is no fair time for a payment: the circuit does not hear of it.
    expect(shop.shop.policies.payments.parts.breaker.metrics()).toMatchObject({ failures: 0, ignored: 1 });
  });

  it('is no outage where an earlier try with this key is still running: queued at once, and the circuit does not count it', () => {
    const shop = virtually(5_000, ({ world, send }) => {
      world.payments = failing(409);
      send('a');
    });
    expect(shop.log.slice(0, 3)).toStrictEqual(['0 reserve a', '0 charge a', '0 a queued']);
    expect(shop.shop.policies.payments.parts.breaker.state).toBe('closed');
  });

  it('is not over where a later try is refused for good: the first one may have charged, and somebody has to look at it', () => {
    const shop = virtually(60_000, ({ world, send }) => {
      let first = true;
      world.payments = (charge) => {
        if (!first) return failing(401)();
        first = false;
        return timer(10).pipe(mergeMap(() => (charge(), failing(502)())));
      };
      send('a');
    });
    expect(answered(shop, 'queued')).toStrictEqual(['a']);
    expect(shop.shop.unfinished.size).toStrictEqual({ all: 1, waiting: 0, aside: 1 });
    expect(shop.entries.map(({ type }) => type)).toStrictEqual(['begun']);
  });

  it('queues what brings no readable answer, and what breaks in our own code once the provider was asked', () => {
    const shop = virtually(400, ({ world, send }) => {
      world.payments = () => {
        throw new TypeError('a mistake of ours');
      };
      send('a');
    });
    expect(answered(shop, 'queued')).toStrictEqual(['a']);
  });
});

describe('an order that is sent again', () => {
  it('is one order while it is on its way, and afterwards', () => {
    const shop = virtually(1_000, ({ send, at }) => {
      send('a');
      at(5, () => send('a'));
      at(500, () => send('a'));
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '10 notify a charged', '20 a accepted', '20 a accepted', '500 a accepted']);
  });

  it('is refused where it is another order under the same key', () => {
    const shop = virtually(1_000, ({ send, at }) => {
      send('a');
      at(500, () => send('a', { quantity: 2 }));
      at(600, () => send('a', { item: 'desk' }));
    });
    expect(answered(shop, 'key_reused')).toStrictEqual(['a', 'a']);
    expect(lines(shop, 'charge')).toHaveLength(1);
  });

  it('is tried anew after retry_later, and still is the same order', () => {
    const shop = virtually(3_000, ({ world, send, at }) => {
      world.reserve = failing(503);
      send('a');
      at(1_000, () => (world.reserve = () => of('reserved')));
      at(1_001, () => send('a', { quantity: 3 }));
      at(1_002, () => send('a'));
    });
    expect(lines(shop, 'a').filter((line) => !line.includes(' reserve '))).toStrictEqual(['25 a retry_later', '1001 a key_reused', '1002 charge a', '1012 notify a charged', '1022 a accepted']);
  });

  it('hears that it is accepted, or declined, once the worker knows', () => {
    const shop = virtually(30_000, ({ world, send, at }) => {
      world.payments = failing(503);
      send('a');
      send('b', { item: 'desk', quantity: 10 });
      at(3_000, () => (world.payments = (charge) => timer(10).pipe(map(charge))));
      at(4_000, () => send('a'));
      at(29_000, () => send('a'));
      at(29_000, () => send('b', { item: 'desk', quantity: 10 }));
    });
    expect(answered(shop, 'queued').sort()).toStrictEqual(['a', 'a', 'b']);
    expect(lines(shop, 'notify')).toHaveLength(2);
    expect(shop.log.slice(-2)).toStrictEqual(['29000 a accepted', '29000 b declined']);
  });

  it('is in good hands after a restart, and charged once', () => {
    const shop = virtually(60_000, ({ world, send, at, restart }) => {
      world.payments = (charge) => (charge(), NEVER);
      send('a');
      at(1_000, () => {
        restart();
        send('a');
        world.payments = (charge) => timer(10).pipe(map(charge));
      });
    });
    expect(answered(shop, 'queued')).toStrictEqual(['a']);
    expect(shop.books.charges.size).toBe(1);
    expect(shop.entries.map(({ type }) => type)).toStrictEqual(['begun', 'finished']);
  });

  it('is charged once where nobody remembers it but the provider', () => {
    const shop = virtually(5_000, ({ send, at, restart }) => {
      send('a');
      at(1_000, () => {
        restart();
        send('a');
      });
    });
    expect(answered(shop, 'accepted')).toStrictEqual(['a', 'a']);
    expect(shop.books.charges.size).toBe(1);
  });
});

it('is not charged where the journal cannot be written', () => {
  const shop = virtually(5_000, ({ shop: { unfinished }, send }) => {
    unfinished.begin = () => throwError(() => new Error('disk full')) as typeof EMPTY;
    send('a');
  });
  expect(shop.log).toStrictEqual(['0 reserve a', '0 a ! disk full']);
});

describe('an order that cannot be finished in the journal', () => {
  /** The first attempts to finish something fail. */
  const failingFinish = ({ shop: { unfinished } }: VirtualShop, times: number): void => {
    const finish = unfinished.finish.bind(unfinished);
    let failed = 0;
    unfinished.finish = (id) => (failed++ < times ? (throwError(() => new Error('disk full')) as typeof EMPTY) : finish(id));
  };

  it('is accepted where it is paid, and finished by a worker', () => {
    const shop = virtually(20_000, (shop) => {
      failingFinish(shop, 1);
      shop.send('a');
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '10 notify a charged', '20 a accepted', '520 notify a charged']);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });

  it('is taken over by a worker where it is declined, and asked for again under the same key', () => {
    const shop = virtually(20_000, (shop) => {
      failingFinish(shop, 2);
      shop.send('a', { item: 'desk', quantity: 10 });
    });
    expect(shop.log).toStrictEqual(['0 reserve a', '0 charge a', '10 a ! disk full', '510 charge a', '1020 notify a declined']);
    expect(shop.books.charges.size).toBe(1);
    expect(shop.shop.unfinished.size.all).toBe(0);
  });
});
