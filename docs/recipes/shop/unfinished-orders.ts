import { asyncScheduler, BehaviorSubject, defer, from, ignoreElements, type Observable, tap } from 'rxjs';
import type { ChargeOutcome } from './backends.ts';
import type { Journal } from './journal.ts';
import type { Order } from './order.ts';

/** What an order has to go through once it is begun. */
export type Step = 'charge' | 'notify';

export interface Unfinished {
  readonly order: Order;
  /** When it was begun, in epoch milliseconds. */
  readonly begun: number;
  readonly step: Step;
  /** How the charge has ended, from the step `notify` on. */
  readonly outcome?: ChargeOutcome | undefined;
  /** Times that the step has failed. */
  readonly failures: number;
}

interface Entry extends Unfinished {
  /** `held` by the request that brought it; `waiting` for a worker; `aside` for a person. */
  readonly where: 'held' | 'waiting' | 'aside';
  /** Not to be tried before. */
  readonly due: number;
}

/**
 * The queue: orders that are begun and not finished. An order is begun in the journal before its payment is tried, and
 * finished after everything is done. So whenever the process dies, every order that may have been charged is in the
 * journal, and whoever starts next charges it again with the same key, which changes nothing if it has been charged.
 */
export class UnfinishedOrders {
  readonly #journal: Journal;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = { charge: new BehaviorSubject(0), notify: new BehaviorSubject(0) };

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const { at, order } of journal.begun) this.#keep(order.id, { ...fresh(order, at), where: 'waiting' });
  }

  /** How many orders wait for a step. */
  waiting$(step: Step): Observable<number> {
    return this.#waiting[step];
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** How many there are in all, how many of them wait for a worker, and how many somebody has to look at. */
  get size(): { readonly all: number; readonly waiting: number; readonly aside: number } {
    const entries = [...this.#entries.values()];
    const count = (place: Entry['where']): number => entries.filter(({ where }) => where === place).length;
    return { all: entries.length, waiting: count('waiting'), aside: count('aside') };
  }

  /** Completes when the order is safe. From then on it belongs to the caller, who finishes it or puts it in the queue. */
  begin(order: Order): Observable<never> {
    return defer(() => {
      const at = asyncScheduler.now();
      return from(this.#journal.append({ type: 'begun', at, order })).pipe(
        ignoreElements(),
        tap({ complete: () => this.#keep(order.id, fresh(order, at)) }),
      );
    });
  }

  /** Leaves the order to the worker of a step. */
  put(id: string, step: Step, outcome?: ChargeOutcome): void {
    this.#change(id, { step, outcome, failures: 0, where: 'waiting', due: 0 });
  }

  /** Leaves it to its worker, if whoever held it has neither finished it nor put it anywhere. */
  letGo(id: string): void {
    if (this.#entries.get(id)?.where === 'held') this.#change(id, { where: 'waiting' });
  }

  /** The step has failed, and is tried again no sooner than in `ms` milliseconds. */
  putOff(id: string, ms: number): void {
    const failures = (this.#entries.get(id)?.failures ?? 0) + 1;
    this.#change(id, { failures, due: asyncScheduler.now() + ms });
  }

  /** Trying again does not help: somebody has to look at it. In the journal it stays. */
  setAside(id: string): void {
    this.#change(id, { where: 'aside' });
  }

  /** Completes when nothing is left of it. */
  finish(id: string): Observable<never> {
    return defer(() =>
      from(this.#journal.append({ type: 'finished', id })).pipe(
        ignoreElements(),
        tap({ complete: () => this.#keep(id, undefined) }),
      ),
    );
  }

  /** The oldest one that waits for this step. */
  next(step: Step): Unfinished | undefined {
    const now = asyncScheduler.now();
    for (const entry of this.#entries.values()) if (waitsFor(step, entry) && entry.due <= now) return entry;
    return undefined;
  }

  #change(id: string, change: Partial<Entry>): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#keep(id, { ...entry, ...change });
  }

  #keep(id: string, entry: Entry | undefined): void {
    const before = this.#entries.get(id);
    if (entry === undefined) this.#entries.delete(id);
    else this.#entries.set(id, entry);
    for (const step of ['charge', 'notify'] as const) {
      const more = Number(waitsFor(step, entry)) - Number(waitsFor(step, before));
      if (more !== 0) this.#waiting[step].next(this.#waiting[step].value + more);
    }
  }
}

function fresh(order: Order, begun: number): Entry {
  return { order, begun, step: 'charge', failures: 0, where: 'held', due: 0 };
}

function waitsFor(step: Step, entry: Entry | undefined): boolean {
  return entry?.where === 'waiting' && entry.step === step;
}
