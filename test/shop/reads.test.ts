import { map, NEVER, type Observable, of, throwError, timer } from 'rxjs';
import { Deadline, runInContext } from 'rxjs-resilience';
import { describe, expect, it } from 'vitest';
import { virtually, type VirtualShop } from './virtual-shop.ts';

const down = () => throwError(() => Object.assign(new Error('down'), { status: 503 }));

/** Asks at some time, with so much time left, and keeps what comes. */
function asking(length: number, body: (shop: VirtualShop, ask: (ms: number, what: () => Observable<unknown>, left?: number) => void) => void): unknown[] {
  const seen: unknown[] = [];
  virtually(length, (shop) => {
    const watch = (what: () => Observable<unknown>): void => void what().subscribe((value) => seen.push(value));
    body(shop, (ms, what, left) =>
      shop.at(ms, () => (left === undefined ? watch(what) : runInContext({ deadline: Deadline.after(left) }, () => watch(what)))));
  });
  return seen;
}

describe('the profile', () => {
  it('is live, else as it was within the hour, else that of anybody', () => {
    const seen = asking(2 * 3_600_000, ({ shop, world, at }, ask) => {
      ask(0, () => shop.profile('ann'));
      at(100, () => (world.profile = down));
      ask(200, () => shop.profile('ann'));
      ask(300, () => shop.profile('bob'));
      ask(3_600_011, () => shop.profile('ann'));
    });
    expect(seen).toStrictEqual([
      { name: 'ann', currency: 'EUR', from: 'live' },
      { name: 'ann', currency: 'EUR', from: 'cache' },
      { name: 'Guest', currency: 'EUR', from: 'default' },
      { name: 'Guest', currency: 'EUR', from: 'default' },
    ]);
  });

  it('comes from the cache after 300 ms where the service hangs', () => {
    const times: number[] = [];
    virtually(1_000, ({ shop, world, at, now }) => {
      shop.profile('ann').subscribe();
      at(100, () => {
        world.profile = () => NEVER;
        shop.profile('ann').subscribe(({ from }) => times.push(now(), Number(from === 'cache')));
      });
    });
    expect(times).toStrictEqual([400, 1]);
  });
});

describe('recommendations', () => {
  it('are those of the user, else what is being bought', () => {
    const seen = asking(10_000, ({ shop, world, at, send }, ask) => {
      ask(0, () => shop.recommendations('ann'));
      send('a', { item: 'shelf', quantity: 3 });
      send('b', { item: 'chair', quantity: 2 });
      send('c', { item: 'desk', quantity: 10 }); // declined: nobody bought it
      at(100, () => (world.recommend = down));
      ask(200, () => shop.recommendations('ann'));
    });
    expect(seen).toStrictEqual([
      { items: ['plant'], from: 'recommendations' },
      { items: ['shelf', 'chair', 'lamp'], from: 'trending' },
    ]);
  });
});

describe('the search', () => {
  it.each([
    [undefined, 'best'],
    [300, 'best'],
    [50, 'best'],
    [49, 'cheap'],
    [1, 'cheap'],
  ])('of a request that has %s ms left is ranked %s', (left, ranking) => {
    let asked = 0;
    const seen = asking(1_000, ({ shop, world }, ask) => {
      world.rank = (_query, items) => {
        asked++;
        return of(items.toReversed());
      };
      ask(0, () => shop.search('desk'), left);
    });
    const cheapest = ['mat', 'lamp', 'desk'];
    expect(seen).toStrictEqual([{ items: ranking === 'best' ? cheapest.toReversed() : cheapest, ranking }]);
    expect(asked).toBe(ranking === 'best' ? 1 : 0);
  });

  it('is ranked cheaply where the ranking fails, and 20 ms before the time is over where it hangs', () => {
    const times: [number, string][] = [];
    virtually(3_000, ({ shop, world, at, now }) => {
      const ask = (): void => void shop.search('desk').subscribe(({ ranking }) => times.push([now(), ranking]));
      world.rank = down;
      ask();
      at(1_000, () => {
        world.rank = () => NEVER;
        runInContext({ deadline: Deadline.after(100) }, ask);
        runInContext({ deadline: Deadline.after(800) }, ask);
      });
    });
    expect(times).toStrictEqual([[0, 'cheap'], [1_080, 'cheap'], [1_300, 'cheap']]);
  });

  it('finds by all words of the query, in any case', () => {
    const seen = asking(1_000, ({ shop, world }, ask) => {
      world.rank = (_query, items) => timer(5).pipe(map(() => items));
      ask(0, () => shop.search('DESK lamp'));
      ask(10, () => shop.search('lamp plant'));
    });
    expect(seen).toStrictEqual([{ items: ['lamp'], ranking: 'best' }, { items: [], ranking: 'best' }]);
  });
});
