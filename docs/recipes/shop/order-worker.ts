import {
  asyncScheduler, catchError, combineLatest, concat, defer, distinctUntilChanged, EMPTY, exhaustMap, ignoreElements, map, NEVER,
  type Observable, switchMap, tap, timer,
} from 'rxjs';
import { attempt, type CircuitBreaker, detachContext, isRejectedError } from 'rxjs-resilience';
import type { ChargeOutcome } from './backends.ts';
import type { Order } from './order.ts';
import type { OrderParts } from './place-order.ts';
import { classifyKeyed } from './policies.ts';
import type { Step, Unfinished, UnfinishedOrders } from './unfinished-orders.ts';

export interface WorkerSettings {
  /** Milliseconds from one order to the next. Default 500. */
  readonly every?: number | undefined;
  /** By which the other times are divided. Default 1. */
  readonly speed?: number | undefined;
}

/** An order that was charged, or declined. */
export interface Settled {
  readonly order: Order;
  readonly outcome: ChargeOutcome;
}

const minutes = 60_000;
/** The payment provider knows a key for 24 hours. After that a charge would be a new one, so we stop long before. */
const safeToRepeat = 20 * 60 * minutes;

/** Charges what is in the queue, with the policies of everybody else less the retry: the next round is its retry. */
export function chargeWorker({ backends, policies, unfinished }: OrderParts, settings: WorkerSettings = {}): Observable<Settled> {
  const { attemptDeadline, bulkhead, breaker } = policies.payments.parts;
  return worker('charge', breaker, unfinished, settings, ({ order, begun }) => {
    if (asyncScheduler.now() - begun > safeToRepeat) {
      unfinished.setAside(order.id);
      return EMPTY;
    }
    return attempt(({ signal }) => backends.charge(order, signal)).pipe(
      attemptDeadline,
      bulkhead,
      breaker,
      tap((outcome) => unfinished.put(order.id, 'notify', outcome)),
      map((outcome) => ({ order, outcome })),
    );
  });
}

/** Tells those customers how it ended whom nobody could tell at once. */
export function notifyWorker({ backends, policies, unfinished }: OrderParts, settings: WorkerSettings = {}): Observable<never> {
  return worker('notify', policies.notification.parts.breaker, unfinished, settings, ({ order, outcome = 'charged' }) => {
    const told$ = attempt(({ signal }) => backends.notify(order, outcome, signal)).pipe(policies.notification, ignoreElements());
    return concat(told$, unfinished.finish(order.id));
  });
}

/**
 * Takes the orders that wait for a step, one after the other, and slowly: whoever has just recovered is not to be run
 * down by what has piled up. It rests while there is nothing to do, and pauses while the circuit is open.
 *
 * It does not pause while the circuit is half-open: then its next order is a probe like any other. If it did, the queue
 * would wait for a customer who comes by and closes the circuit.
 */
function worker<R>(
  step: Step,
  circuit: CircuitBreaker,
  unfinished: UnfinishedOrders,
  { every = 500, speed = 1 }: WorkerSettings,
  work: (order: Unfinished) => Observable<R>,
): Observable<R> {
  const failed = (error: unknown, { order, failures }: Unfinished): void => {
    const kind = classifyKeyed(error);
    // Trying again does not help, and it may have been charged: a person has to look at it.
    if (kind === 'permanent' || kind === 'bug') unfinished.setAside(order.id);
    // A refusal is no failure of this order: it is next again. One that fails makes room for others, for longer each time.
    else if (!isRejectedError(error)) unfinished.putOff(order.id, Math.min(10 * minutes, 10_000 * 4 ** failures) / speed);
  };
  const next$ = defer(() => {
    const order = unfinished.next(step);
    if (order === undefined) return EMPTY;
    return work(order).pipe(
      catchError((error: unknown) => {
        failed(error, order);
        return EMPTY;
      }),
    );
  });

  return combineLatest([unfinished.waiting$(step), circuit.state$]).pipe(
    map(([waiting, state]) => waiting > 0 && (state === 'closed' || state === 'half-open')),
    distinctUntilChanged(),
    // A pause stops the clock, not the order that is under way.
    switchMap((goes) => (goes ? timer(every, every) : NEVER)),
    // The request that put the first order in the queue has started this clock. Its deadline is not that of the worker.
    exhaustMap(() => next$.pipe(detachContext())),
  );
}
