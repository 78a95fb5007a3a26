import fc from 'fast-check';
import { map, mergeMap, NEVER, Observable, throwError, timer } from 'rxjs';
import { Deadline, runInContext } from 'rxjs-resilience';
import { expect, it } from 'vitest';
import type { ChargeOutcome } from '../../docs/recipes/shop/backends.ts';
import { orderOf, virtually, type VirtualShop, type World } from './virtual-shop.ts';

/** Each of them is half a day of a whole shop. */
const runs = Math.min(4_000, Number(process.env['RESILIENCE_RUNS'] ?? 150));

const error = (status: number) => Object.assign(new Error(`status ${status}`), { status });
const fails = <T>(status: number): Observable<T> => throwError(() => error(status));

/** What a provider can do to those who ask it. `charge` takes the money. */
const providers: Readonly<Record<string, () => World['payments']>> = {
  works: () => (charge) => timer(20).pipe(map(charge)),
  'fails at once': () => () => fails(503),
  'fails later, and has not charged': () => () => timer(50).pipe(mergeMap(() => fails<ChargeOutcome>(500))),
  'charges, and then fails': () => (charge) => timer(50).pipe(mergeMap(() => (charge(), fails<ChargeOutcome>(502)))),
  'charges, and never says so': () => (charge) => (charge(), NEVER),
  hangs: () => () => NEVER,
  'answers what nobody can read': () => (charge) => timer(5).pipe(mergeMap(() => (charge(), throwError(() => new SyntaxError('<html>'))))),
  'charges, fails, and from then on refuses': () => {
    const known = new Set<string>();
    return (charge, id) => {
      if (known.has(id)) return fails(401);
      known.add(id);
      return timer(30).pipe(mergeMap(() => (charge(), fails<ChargeOutcome>(502))));
    };
  },
  // It goes on when nobody listens any more, and meanwhile does not take the same order twice.
  'takes longer than anybody waits': () => {
    const running = new Set<string>();
    return (charge, id) => {
      if (running.has(id)) return fails(409);
      running.add(id);
      const done$ = timer(7_000).pipe(map(() => (running.delete(id), charge())));
      return new Observable<ChargeOutcome>((subscriber) => void done$.subscribe(subscriber));
    };
  },
};
const messengers: Readonly<Record<string, World['notify']>> = {
  works: () => timer(10),
  fails: () => fails(503),
  hangs: () => NEVER,
};

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('send' as const), name: fc.constantFrom(...names), left: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rush' as const), count: fc.integer({ min: 10, max: 45 }) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('provider' as const), how: fc.constantFrom(...Object.keys(providers)) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('messenger' as const), how: fc.constantFrom(...Object.keys(messengers)) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash' as const) }) },
);
const story = fc.array(fc.record({ after: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 20_000 })), what: happening }), { maxLength: 25 });
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

const hours = 3_600_000;

function play(told: Story): { readonly shop: VirtualShop; readonly sent: readonly string[] } {
  const sent = new Set<string>();
  const shop = virtually(12 * hours, (virtual) => {
    const { world, at, restart } = virtual;
    let time = 0;
    let crowd = 0;
    const send = (name: string, left?: number): void => {
      sent.add(name);
      runInContext(left === undefined ? {} : { deadline: Deadline.after(left) }, () => virtual.send(name));
    };
    world.payments = providers['works']!();
    for (const { after, what } of told) {
      time += after;
      at(time, () => {
        if (what.type === 'send') send(what.name, what.left);
        else if (what.type === 'rush') for (let i = 0; i < what.count; i++) send(`rush${crowd++}`);
        else if (what.type === 'provider') world.payments = providers[what.how]!();
        else if (what.type === 'messenger') world.notify = messengers[what.how]!;
        else restart();
      });
    }
    // Sooner or later everything works, and whoever was told to come again does.
    at(time + 30_000, () => {
      world.payments = providers['works']!();
      world.notify = messengers['works']!;
    });
    // What was set aside has been looked at.
    at(time + hours, () => void restart());
    at(time + 10 * hours, () => [...sent].filter((_, index) => index % 2 === 0).forEach((name) => send(name)));
  });
  return { shop, sent: [...sent] };
}

/** All that was said to the sender of an order. */
const answers = ({ log }: VirtualShop, name: string): string[] =>
  log.map((line) => line.split(' ')).filter(([, who, , more]) => who === name && more === undefined).map(([, , status]) => status!);

it('charges every order exactly once that was accepted or queued, whatever happens, and none that was sent away', () => {
  fc.assert(
    fc.property(story, (events) => {
      const { shop, sent } = play(events);
      const ids = sent.map((name) => orderOf(name).id);

      // No charge under any other key than that of an order, and none of another amount.
      for (const [key, charge] of shop.books.charges) {
        expect(ids).toContain(key);
        expect(charge).toStrictEqual({ amount: 4_900, outcome: 'charged' });
      }
      for (const name of sent) {
        const heard = answers(shop, name);
        const charged = shop.books.charges.has(orderOf(name).id);
        if (heard.some((status) => status === 'accepted' || status === 'queued')) expect([name, charged]).toStrictEqual([name, true]);
        // A crash leaves customers without an answer; their orders may have been begun.
        const crashed = events.some(({ what }) => what.type === 'crash');
        if (!crashed && heard.every((status) => status === 'retry_later')) expect([name, charged]).toStrictEqual([name, false]);
        // Nobody pays and does not hear of it.
        if (charged) expect([name, shop.told.has(orderOf(name).id)]).toStrictEqual([name, true]);
      }
      // Nothing is left, and what was left undone when the process died was done by the next one.
      expect(shop.shop.unfinished.size).toStrictEqual({ all: 0, waiting: 0, aside: 0 });
      const state = new Map(shop.entries.map((entry) => [entry.type === 'begun' ? entry.order.id : entry.id, entry.type]));
      expect([...state.values()].filter((type) => type === 'begun')).toStrictEqual([]);
    }),
    { numRuns: runs, examples: [[[]]] },
  );
}, runs > 1_000 ? 600_000 : 60_000);
