import fc from 'fast-check';
import { asyncScheduler, defer, type Observable, of, ReplaySubject, throwError, timer } from 'rxjs';
import { runInContext } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { neverArrived } from './provider-policies.js';
import { type Entry, type Journal, type Order, type Payment, type Provider, type Receipt, twoProviders } from './two-providers.js';

/** When a request arrives and when its answer is back, in milliseconds; `Infinity`: it is lost. */
type Fate = readonly [arrives: number, answers: number] | 'refused';

const fine: Fate = [10, 10];

/** A provider on a network on which requests go on their way whoever has left, arrive late, and answers are lost. */
class Model implements Provider {
  readonly charged: string[] = [];
  readonly log: string[] = [];
  private readonly closed = new Set<string>();
  private readonly busy = new Set<string>();
  declines = false;

  constructor(readonly name: string, private readonly fates: Fate[] = []) {}

  readonly charge = ({ key }: Order): Observable<Receipt> =>
    this.send('charge', () => {
      const receipt = { provider: this.name, key };
      if (this.busy.has(key)) throw { status: 409 };
      if (this.charged.includes(key)) return receipt;
      if (this.closed.has(key)) throw { status: 410 };
      if (this.declines) throw { status: 402 };
      this.charged.push(key);
      // It goes on working on it for a while, and answers the same key meanwhile that it is busy.
      this.busy.add(key);
      timer(5_000).subscribe(() => this.busy.delete(key));
      return receipt;
    });

  readonly close = (key: string): Observable<Receipt | undefined> =>
    this.send('close', () => {
      this.closed.add(key);
      return this.charged.includes(key) ? { provider: this.name, key } : undefined;
    });

  private send<T>(what: string, work: () => T): Observable<T> {
    const fate = this.fates.shift() ?? fine;
    this.log.push(`${asyncScheduler.now()} ${what}`);
    if (fate === 'refused') return throwError(() => ({ code: 'ECONNREFUSED' }));
    const [arrives, answers] = fate;
    const answer = new ReplaySubject<T>();
    const later = (ms: number, step: () => void) => ms !== Infinity && timer(ms).subscribe(step);
    later(arrives, () => {
      try {
        const result = work();
        later(answers, () => (answer.next(result), answer.complete()));
      } catch (error) {
        later(answers, () => answer.error(error));
      }
    });
    return answer;
  }
}

/** In memory; it fails when it is told to. */
class Notes implements Journal {
  readonly entries = new Map<string, Entry>();
  constructor(private readonly fails: boolean[] = []) {}

  readonly read = (key: string): Observable<Entry> => this.work(() => this.entries.get(key) ?? { asked: [] });
  readonly write = (key: string, entry: Entry): Observable<unknown> => this.work(() => void this.entries.set(key, entry));

  private work<T>(work: () => T): Observable<T> {
    return defer(() => (this.fails.shift() === true ? throwError(() => new Error('no disk')) : of(work())));
  }
}

const order = { key: 'order 1', amount: 10 };
const paidBy = (provider: string): Payment => ({ status: 'paid', receipt: { provider, key: order.key } });
const pending: Payment = { status: 'pending' };

/** What came of a payment, at what time. */
function outcomeOf(payment: Observable<Payment>): { at: number; is: unknown } {
  const outcome = { at: -1, is: undefined as unknown };
  const note = (is: unknown) => Object.assign(outcome, { at: asyncScheduler.now(), is });
  payment.subscribe({ next: note, error: note });
  return outcome;
}

describe('a payment with two providers', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(() => vi.restoreAllMocks());

  const lost: Fate = [10, Infinity];
  const never: Fate = [Infinity, 0];
  const lateCharge: Fate = [20_000, 10];

  it.each<readonly [title: string, first: readonly Fate[], second: readonly Fate[], is: unknown, at: number, charged: readonly [number, number]]>([
    ['is charged by the first', [], [], paidBy('first'), 20, [1, 0]],
    ['is charged once by the first, whose answers are lost: asked, it says so', [lost, lost], [], paidBy('first'), 8_020, [1, 0]],
    ['is charged by the second where the first has not heard of it, and is closed', [never, never], [], paidBy('second'), 8_040, [0, 1]],
    ['is not charged by a request that arrives after all', [lateCharge, lateCharge], [], paidBy('second'), 8_040, [0, 1]],
    ['goes to the second at once where nobody is there', ['refused', 'refused'], [], paidBy('second'), 220, [0, 1]],
    ['is looked up where one try arrived and the other did not', [lost, 'refused'], [], paidBy('first'), 4_220, [1, 0]],
    ['is looked up where the first is still busy with it', [[10, 7_000]], [], paidBy('first'), 4_240, [1, 0]],
    ['is pending where the first cannot be asked', [lost, lost, never, never, never, never], [], pending, 16_000, [1, 0]],
    ['is pending where the second says nothing either', [never, never], [lost, lost], pending, 16_020, [0, 1]],
  ])('%s', (_title, firsts, seconds, is, at, charged) => {
    marbles(({ flush }) => {
      const [first, second] = [new Model('first', [...firsts]), new Model('second', [...seconds])];
      const outcome = outcomeOf(twoProviders(first, second, new Notes()).pay(order));
      flush();
      expect(outcome).toStrictEqual({ is, at });
      expect([first.charged.length, second.charged.length]).toStrictEqual(charged);
    })();
  });

  it('survives an outage of the first: leaves it alone, pays by the second, and comes back', marbles(({ flush, hot }) => {
    const [first, second] = [new Model('first', ['refused', 'refused', 'refused']), new Model('second')];
    const { pay } = twoProviders(first, second, new Notes());
    const outcomes: string[] = [];
    hot('a 999ms b 999ms c 999ms d 29s e').subscribe((key) => {
      pay({ key, amount: 1 }).subscribe((payment) => outcomes.push(payment.status === 'paid' ? `${key} ${payment.receipt.provider}` : key));
    });
    flush();
    expect(outcomes).toStrictEqual(['a second', 'b second', 'c second', 'd second', 'e first']);
    // Three failures of the last five opened the circuit, so the fourth was no call. Nothing had arrived, so none was closed.
    expect(first.log).toStrictEqual(['0 charge', '200 charge', '1000 charge', '32001 charge']);
  }));

  it('looks up what hung, though the last thing that happened was a refusal', marbles(({ flush }) => {
    const [first, second] = [new Model('first', ['refused', 'refused', lost]), new Model('second')];
    const { pay } = twoProviders(first, second, new Notes());
    pay({ key: 'before', amount: 1 }).subscribe();
    flush();
    // Its first try is the failure that opens the circuit, its second one is refused: a CircuitOpenError, and a charge.
    const outcome = outcomeOf(pay(order));
    flush();
    expect(outcome.is).toStrictEqual(paidBy('first'));
    expect(first.log.map((line) => line.split(' ')[1])).toStrictEqual(['charge', 'charge', 'charge', 'close']);
    expect(second.charged).toStrictEqual(['before']);
  }));

  it.each([
    [{ code: 'ECONNREFUSED' }, true],
    [Object.assign(new TypeError('fetch failed'), { cause: { code: 'ENOTFOUND' } }), true],
    [{ code: 'EAI_AGAIN' }, true],
    [{ code: 'ECONNRESET' }, false],
    [new Error('who knows'), false],
    [null, false],
  ])('%o: nobody has heard of it is %s', (error, expected) => expect(neverArrived(error)).toBe(expected));

  it('does not go shopping with a card that was declined', marbles(({ flush }) => {
    const [first, second] = [new Model('first'), new Model('second')];
    first.declines = true;
    const outcome = outcomeOf(twoProviders(first, second, new Notes()).pay(order));
    flush();
    expect(outcome.is).toStrictEqual({ status: 402 });
    expect(second.log).toStrictEqual([]);
  }));

  it('says so where both are refused, and nothing was charged', marbles(({ flush }) => {
    const [first, second] = [new Model('first'), new Model('second')];
    const { breakers, pay } = twoProviders(first, second, new Notes());
    for (const breaker of breakers) breaker.isolate('maintenance');
    const outcome = outcomeOf(pay(order));
    flush();
    expect(outcome.is).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect([first.log, second.log]).toStrictEqual([[], []]);
  }));

  it('is not pending where the first is closed and the second was never asked', marbles(({ flush }) => {
    const [first, second] = [new Model('first', [never, never]), new Model('second')];
    const { breakers, pay } = twoProviders(first, second, new Notes());
    breakers[1]!.isolate('maintenance');
    const outcome = outcomeOf(pay(order));
    flush();
    expect(outcome.is).toMatchObject({ code: 'CIRCUIT_OPEN', policy: 'second' });
    expect([...first.charged, ...second.charged]).toStrictEqual([]);
  }));

  it('goes on when the client leaves, and is joined by a second click', marbles(({ cold, flush }) => {
    const [first, second] = [new Model('first', [[100, 100]]), new Model('second')];
    const { pay } = twoProviders(first, second, new Notes());
    const left = new AbortController();
    const client = runInContext({ signal: left.signal }, () => pay(order).subscribe({ error: () => expect.unreachable() }));
    let outcome: unknown;
    cold('50ms x').subscribe(() => {
      left.abort();
      client.unsubscribe();
    });
    cold('60ms x').subscribe(() => (outcome = outcomeOf(pay(order))));
    flush();
    expect(outcome).toStrictEqual({ is: paidBy('first'), at: 200 });
    expect(first.log).toStrictEqual(['0 charge']);
  }));

  it('is found out later, by paying again: charged by the first, whose circuit is open by now', marbles(({ flush }) => {
    const [first, second, notes] = [new Model('first', [lost, lost, never, never, never, never]), new Model('second'), new Notes()];
    const before = outcomeOf(twoProviders(first, second, notes).pay(order));
    flush();
    expect(before.is).toStrictEqual(pending);
    // The process was started anew. Without what it had noted, the second would be asked.
    const { breakers, pay } = twoProviders(first, second, notes);
    breakers[0]!.isolate('outage');
    const after = outcomeOf(pay(order));
    flush();
    expect(after.is).toStrictEqual(paidBy('first'));
    expect(second.log).toStrictEqual([]);
  }));

  it('is found out later: charged by the second, while the first was away', marbles(({ flush }) => {
    const [first, second, notes] = [new Model('first', ['refused', 'refused']), new Model('second', [lost, lost]), new Notes()];
    const { pay } = twoProviders(first, second, notes);
    const outcomes = [1, 2, 3].map(() => {
      const outcome = outcomeOf(pay(order));
      flush();
      return outcome.is;
    });
    expect(outcomes).toStrictEqual([pending, paidBy('second'), paidBy('second')]);
    // Though it was well again by then, the first was not asked any more; nor was anybody for what is paid.
    expect(first.log).toHaveLength(2);
    expect(second.log).toHaveLength(3);
  }));

  it('is charged later by the one that was asked last, for the other is closed', marbles(({ flush }) => {
    const [first, second] = [new Model('first', [never, never]), new Model('second', [never, never])];
    const { pay } = twoProviders(first, second, new Notes());
    const outcomes = [1, 2].map(() => {
      const outcome = outcomeOf(pay(order));
      flush();
      return outcome.is;
    });
    expect(outcomes).toStrictEqual([pending, paidBy('second')]);
  }));

  it('does not charge where it cannot note it, and does not deny what it can no longer note', marbles(({ flush }) => {
    const [first, second] = [new Model('first'), new Model('second')];
    const outcomes = [[true], [false, true, true, true, true], [false, false, true], []].map((fails, i) => {
      const outcome = outcomeOf(twoProviders(first, second, new Notes(fails)).pay({ ...order, key: `${i}` }));
      flush();
      return (outcome.is as Payment).status ?? outcome.is;
    });
    expect(outcomes).toStrictEqual(['pending', new Error('no disk'), 'pending', 'paid']);
    expect([first.charged, second.charged]).toStrictEqual([['2', '3'], []]);
  }));

  it('never charges twice, and never says what is not so, whatever the network does', () => {
    // Hundreds of services in a second look like policies that are made for each call.
    vi.spyOn(console, 'warn').mockReturnValue();
    const arrives = fc.constantFrom(10, 3_000, 5_000, 20_000, 60_000, Infinity);
    const fate: fc.Arbitrary<Fate> = fc.oneof(fc.constant('refused' as const), fc.tuple(arrives, fc.constantFrom(10, 2_000, 7_000, Infinity)));
    const fates = fc.array(fate, { maxLength: 16 });
    const fails = fc.array(fc.boolean().map((fine) => !fine), { maxLength: 6 });
    const restarts = fc.array(fc.record({ restart: fc.boolean(), isolated: fc.subarray([0, 1]) }), { minLength: 1, maxLength: 5 });
    const seen = { paid: 0, pending: 0, error: 0 };
    const property = fc.property(fates, fates, fails, restarts, (firsts, seconds, failing, tries) => {
      marbles(({ flush, cold }) => {
        const [first, second, notes] = [new Model('first', [...firsts]), new Model('second', [...seconds]), new Notes([...failing])];
        const outcomes: unknown[] = [];
        let { breakers, pay } = twoProviders(first, second, notes);
        // Again and again, in time in which requests still arrive, until it is over.
        tries.forEach(({ restart, isolated }, i) => {
          cold(`${i * 45}s x`).subscribe(() => {
            if (outcomes.some((is) => (is as Payment).status !== 'pending')) return;
            if (restart) ({ breakers, pay } = twoProviders(first, second, notes));
            for (const number of isolated) breakers[number]!.isolate();
            pay(order).subscribe({ next: (is) => outcomes.push(is), error: (error) => outcomes.push(error) });
          });
        });
        flush();
        const charged = [...first.charged, ...second.charged];
        const { status, receipt } = outcomes.at(-1) as Partial<Payment & { readonly receipt: Receipt }>;
        if (status === 'paid') expect((receipt!.provider === 'first' ? first : second).charged).toStrictEqual([order.key]);
        if (status === 'pending') expect(charged.length).toBeLessThanOrEqual(1);
        else expect(charged).toHaveLength(status === 'paid' ? 1 : 0);
        seen[status === 'paid' || status === 'pending' ? status : 'error']++;
      })();
    });
    fc.assert(property, { numRuns: 300 });
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(5);
  });
});
