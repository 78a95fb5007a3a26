import { catchError, concat, concatMap, defer, finalize, ignoreElements, map, type Observable, of, throwError } from 'rxjs';
import { attempt, fallbackTo, fallbackToValue, isBulkheadFullError, isCircuitOpenError } from 'rxjs-resilience';
import type { Backends } from './backends.ts';
import type { Order, OrderStatus } from './order.ts';
import { classifyKeyed, isFull, type ShopPolicies } from './policies.ts';
import type { UnfinishedOrders } from './unfinished-orders.ts';

export interface OrderParts {
  readonly backends: Backends;
  readonly policies: ShopPolicies;
  readonly unfinished: UnfinishedOrders;
}

/**
 * Sets the goods aside, takes the money, tells the customer. Every step carries the id of the order as its key, so all
 * of this may be done again at any time: by a retry, by a customer who asks again, by a worker after a crash.
 */
export function placeOrder(order: Order, parts: OrderParts): Observable<OrderStatus> {
  return defer((): Observable<OrderStatus> => {
    if (parts.unfinished.has(order.id)) return of('queued');
    // Later on there may be money to account for. Here it costs nothing to say no.
    const { payments, inventory, notification } = parts.policies;
    if ([payments, inventory, notification].some((pipeline) => isFull(pipeline.parts.bulkhead))) return of('retry_later');
    return reserve(order, parts).pipe(concatMap((stock) => (stock === 'reserved' ? pay(order, parts) : of(stock))));
  });
}

/** Without the goods there is no order, and nothing has happened yet: whatever the trouble is, the customer may come again. */
function reserve(order: Order, { backends, policies }: OrderParts): Observable<'reserved' | 'sold_out' | 'retry_later'> {
  return attempt(({ signal }) => backends.reserve(order, signal)).pipe(policies.inventory, fallbackToValue('retry_later'));
}

function pay(order: Order, parts: OrderParts): Observable<OrderStatus> {
  const { unfinished } = parts;
  const ended$ = charge(order, parts).pipe(
    concatMap((outcome): Observable<OrderStatus> => {
      if (outcome === 'charged') return confirm(order, parts);
      // The order is the worker's. Otherwise nothing has been charged, and nothing is left to do.
      return outcome === 'queued' ? of(outcome) : concat(unfinished.finish(order.id), of(outcome));
    }),
    catchError((error: unknown) => concat(unfinished.finish(order.id), throwError(() => error))),
  );
  // Before the provider hears of it the order is in the journal: see `UnfinishedOrders`.
  return concat(unfinished.begin(order), ended$).pipe(finalize(() => unfinished.letGo(order.id)));
}

/** Errors, and says `retry_later`, only where it is certain that nothing has been charged. */
function charge(order: Order, { backends, policies, unfinished }: OrderParts): Observable<'charged' | 'declined' | 'queued' | 'retry_later'> {
  return defer(() => {
    let tries = 0;
    const charge$ = attempt(({ signal }) => {
      tries++;
      return backends.charge(order, signal);
    });
    const queue = fallbackTo(
      () => {
        unfinished.put(order.id, 'charge');
        return of('queued' as const);
      },
      {
        name: 'payment queue',
        // Before the provider was asked, only an open circuit makes a queue worth while. Once it was asked it may have
        // charged: a try that timed out, and then a full bulkhead, is no reason to send the customer away. Only where the
        // first answer of all is that it will not do this, nothing has happened.
        when: (error) => (tries === 0 ? isCircuitOpenError(error) : tries > 1 || classifyKeyed(error) !== 'permanent'),
      },
    );
    return charge$.pipe(
      policies.payments,
      queue,
      catchError((error: unknown) => (isBulkheadFullError(error) ? of('retry_later' as const) : throwError(() => error))),
    );
  });
}

/** What is paid is accepted. If the customer cannot be told now, a worker does it. */
function confirm(order: Order, { backends, policies, unfinished }: OrderParts): Observable<OrderStatus> {
  const told$ = attempt(({ signal }) => backends.notify(order, 'charged', signal)).pipe(policies.notification, ignoreElements());
  const later = fallbackTo(
    () => {
      unfinished.put(order.id, 'notify', 'charged');
      return of(undefined);
    },
    { name: 'notification queue', when: () => true },
  );
  return concat(told$, unfinished.finish(order.id), of(undefined)).pipe(later, map(() => 'accepted' as const));
}
