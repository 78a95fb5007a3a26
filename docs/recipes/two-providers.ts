import { catchError, concat, concatMap, defer, finalize, find, from, ignoreElements, mergeMap, type Observable, of } from 'rxjs';
import { type ObservableInput, shareReplay, tap, throwError } from 'rxjs';
import { attempt, detachContext, fallbackTo } from 'rxjs-resilience';
import { isDeclined, neverArrived, policiesOf } from './provider-policies.js';

export interface Order {
  /** Made once, with the order, and stored with it. */
  readonly key: string;
  readonly amount: number;
}

export type Receipt = Readonly<Record<'provider' | 'key', string>>;
export type Payment = { readonly status: 'paid'; readonly receipt: Receipt } | { readonly status: 'pending' };

export interface Provider {
  readonly name: string;
  /** The receipt, of the first time where the key was charged before. 400, 402, 422: it does not; 410: it was closed without. */
  charge(order: Order, signal: AbortSignal): ObservableInput<Receipt>;
  /** Nothing is charged for this key any more, also by what is still on its way. The receipt, if it was before. */
  close(key: string, signal: AbortSignal): ObservableInput<Receipt | undefined>;
}

/** Who may have charged for a key, and the receipt: in a database, and with a lock, where several processes pay. */
export interface Journal {
  read(key: string): ObservableInput<Entry>;
  write(key: string, entry: Entry): ObservableInput<unknown>;
}

export interface Entry {
  readonly asked: readonly string[];
  readonly receipt?: Receipt;
}

/** Made once. `pay` may be called again for an order, and has to be while it is `pending`. An error says: nothing was charged. */
export function twoProviders(first: Provider, second: Provider, journal: Journal) {
  const policies = new Map([first, second].map((provider) => [provider, policiesOf(provider.name)]));
  const running = new Map<string, Observable<Payment>>();

  const payNow = (order: Order, asked: Set<string>): Observable<Payment> => {
    const save = (entry: Entry) => from(journal.write(order.key, entry)).pipe(ignoreElements());
    const send = (provider: Provider, signal: AbortSignal) => {
      const before = asked.has(provider.name);
      asked.add(provider.name);
      const forget = (error: unknown) => !before && neverArrived(error) && asked.delete(provider.name);
      return from(provider.charge(order, signal)).pipe(tap({ error: forget }));
    };
    const charge = (provider: Provider) =>
      attempt(({ signal }) => concat(save({ asked: [...asked, provider.name] }), defer(() => send(provider, signal))));
    const close = (provider: Provider) =>
      attempt(({ signal }) => provider.close(order.key, signal)).pipe(
        policies.get(provider)!.closing,
        tap((receipt) => receipt === undefined && asked.delete(provider.name)),
        catchError((cause: unknown) => throwError(() => new Error(`${provider.name} may have charged`, { cause }))),
      );
    /** Nobody is asked before everybody else who was is closed. */
    const payBy = (provider: Provider): Observable<Receipt> =>
      defer(() => [first, second].filter((other) => other !== provider && asked.has(other.name))).pipe(
        concatMap(close),
        find((receipt) => receipt !== undefined),
        mergeMap((receipt) => (receipt === undefined ? charge(provider).pipe(policies.get(provider)!.charging) : of(receipt))),
      );
    const [one, other] = asked.has(second.name) && !asked.has(first.name) ? [second, first] : [first, second];
    return payBy(one).pipe(
      fallbackTo(payBy(other), { when: (error) => !isDeclined(error) }),
      mergeMap((receipt) => concat(save({ asked: [], receipt }), of<Payment>({ status: 'paid', receipt }))),
      fallbackTo(of<Payment>({ status: 'pending' }), { when: (error) => asked.size > 0 && !isDeclined(error) }),
    );
  };

  const start = ({ key, ...order }: Order): Observable<Payment> =>
    defer(() => journal.read(key)).pipe(
      catchError(() => of(undefined)),
      mergeMap((entry): Observable<Payment> => {
        if (entry === undefined) return of({ status: 'pending' });
        const { asked, receipt } = entry;
        return receipt ? of({ status: 'paid', receipt }) : payNow({ key, ...order }, new Set(asked));
      }),
      finalize(() => running.delete(key)),
      detachContext(), // nor does the deadline of who asked end it
      shareReplay(1), //  who leaves does not end it, who asks again joins it
    );

  const pay = (order: Order): Observable<Payment> =>
    defer(() => {
      const payment = running.get(order.key) ?? start(order);
      running.set(order.key, payment);
      return payment;
    });
  return { pay, breakers: [first, second].map((provider) => policies.get(provider)!.charging.parts.breaker) };
}
