import { asyncScheduler, delay, finalize, mergeMap, NEVER, Observable, of, tap, throwError, timer } from 'rxjs';
import { currentContext, detachContext } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client, type Metadata, type Method, serve } from './deadline-chain.js';

/** Five milliseconds there and five back, and nothing crosses but message and metadata: no context, no deadline. */
const wire = <I, O>(method: Method<I, O>): Method<I, O> => (message, metadata) =>
  timer(5).pipe(mergeMap(() => method(message, structuredClone(metadata)).pipe(detachContext())), delay(5));

/** Three services: the gateway asks orders, and orders ask stock, which does `work`. */
function chain(work: (id: string) => Observable<string>) {
  const log: string[] = [];
  const left = () => Math.round(currentContext().deadline?.remaining() ?? Infinity);
  /** Notes what a service has left when it is asked, and when it is left. */
  const noted = (name: string, handle: (id: string) => Observable<string>) => (id: string) =>
    new Observable<string>((subscriber) => {
      log.push(`${asyncScheduler.now()} ${name} has ${left()}`);
      let over = false;
      const end = () => void (over = true);
      return handle(id)
        .pipe(tap({ error: end, complete: end }), finalize(() => over || log.push(`${asyncScheduler.now()} ${name} is left`)))
        .subscribe(subscriber);
    });
  const sent: Metadata[] = [];
  const seen = <I, O>(method: Method<I, O>): Method<I, O> => (message, metadata) => (sent.push(metadata), method(message, metadata));

  const toStock = client('stock');
  const toOrders = client('orders');
  const stock = seen(wire(serve(noted('stock', work), 10_000)));
  const orders = seen(wire(serve(noted('orders', (id) => toStock.call(stock, id)))));
  const gateway = serve(noted('gateway', (id) => toOrders.call(orders, id)));
  return { gateway, log, sent, toStock, toOrders };
}

describe('three services that share one deadline', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5));
  afterEach(() => vi.restoreAllMocks());

  it('hands on what is left', marbles(({ expectObservable, flush }) => {
    const { gateway, log, sent } = chain((id) => timer(20).pipe(mergeMap(() => of(`${id} is there`))));
    expectObservable(gateway('a', { 'grpc-timeout': '1000m' })).toBe('40ms (a|)', { a: 'a is there' });
    flush();
    expect(log).toStrictEqual(['0 gateway has 1000', '5 orders has 590', '10 stock has 344']);
    expect(sent).toStrictEqual([{ 'grpc-timeout': '590000u' }, { 'grpc-timeout': '344000u' }]);
  }));

  it('stops all three when the caller leaves', marbles(({ cold, flush }) => {
    const { gateway, log } = chain(() => NEVER);
    const call = gateway('a', {}).subscribe();
    cold('100ms x').subscribe(() => call.unsubscribe());
    flush();
    expect(log.slice(3)).toStrictEqual(['100 stock is left', '100 orders is left', '100 gateway is left']);
  }));

  it('ends with its deadline, the last one first, and leaves time for one more try', marbles(({ expectObservable, flush }) => {
    const { gateway, log, toStock } = chain(() => NEVER);
    expectObservable(gateway('a', { 'grpc-timeout': '1S' })).toBe('541ms #', null, { code: 4, metadata: { 'grpc-retry-pushback-ms': '-1' } });
    flush();
    expect(log).toStrictEqual([
      ...['0 gateway has 1000', '5 orders has 590', '10 stock has 344', '354 stock is left'],
      // The gateway does not ask orders once more: they have tried.
      ...['464 stock has 72', '536 stock is left'],
    ]);
    expect(toStock.breaker.metrics()).toMatchObject({ calls: 2, failures: 1, ignored: 1 });
  }));

  it.each([
    ['0m', []],
    ['20m', ['0 gateway has 20', '5 orders has 2']],
    ['nonsense', ['0 gateway has 30000']],
    ['-5m', ['0 gateway has 30000']],
    ['123456789m', ['0 gateway has 30000']],
    ['5m, 6m', ['0 gateway has 30000']],
    ['99999999H', ['0 gateway has 30000']],
  ])('reads grpc-timeout %s', (header, seen) => {
    marbles(({ flush }) => {
      const { gateway, log } = chain(() => timer(1).pipe(mergeMap(() => of('a'))));
      gateway('a', { 'grpc-timeout': header }).subscribe({ error: () => undefined });
      flush();
      expect(log.slice(0, seen.length)).toStrictEqual(seen);
      if (header.endsWith('0m')) expect(log.filter((line) => line.includes('stock has'))).toStrictEqual([]);
    })();
  });

  it('tries again in one place, opens the circuit there, and says nothing of what is inside', marbles(({ flush }) => {
    let asked = 0;
    const { gateway, toOrders, toStock } = chain(() => (asked++, throwError(() => new Error('password of the database'))));
    const seen: unknown[] = [];
    for (let i = 0; i < 10; i++) {
      timer(i * 1_000).subscribe(() => gateway('a', {}).subscribe({ error: (error) => seen.push(error) }));
    }
    flush();
    expect(new Set(seen.map((error) => JSON.stringify(error)))).toStrictEqual(
      new Set(['{"code":14,"metadata":{"grpc-retry-pushback-ms":"-1"}}']),
    );
    // Two tries for each call, and not four, until five have failed; five seconds later one probe.
    expect(asked).toBe(6);
    expect([toStock.breaker.state, toOrders.breaker.state]).toStrictEqual(['open', 'closed']);
    expect(toOrders.breaker.metrics()).toMatchObject({ calls: 10, ignored: 10 });
  }));

  it('opens no circuit for callers in a hurry, and one for those who had a fair time', marbles(({ flush }) => {
    const { gateway, toOrders, toStock } = chain(() => NEVER);
    const ask = (header: string, from: number) => {
      for (let i = 0; i < 30; i++) {
        timer(from + i * 100).subscribe(() => gateway('a', { 'grpc-timeout': header }).subscribe({ error: () => undefined }));
      }
    };
    ask('200m', 0);
    flush();
    expect([toStock.breaker.state, toOrders.breaker.state]).toStrictEqual(['closed', 'closed']);
    expect(toStock.breaker.metrics()).toMatchObject({ failures: 0 });
    ask('3S', 0);
    flush();
    expect(toStock.breaker.metrics().opened).toBeGreaterThan(0);
  }));
});
