import { defer, Observable, of } from 'rxjs';

/** What every call that succeeds answers. */
export const answer = 1;

/** The error of every call that fails: made once, because making it is no part of what is measured. */
export const failure = new Error('down');

const settled = Promise.resolve();
const answered = Promise.resolve(answer);

/** Emits and completes while it is subscribed. */
export const sync: Observable<number> = of(answer);

/** Emits and completes in a reaction to a promise that has settled already: the cheapest answer that is not synchronous. */
export const microtask: Observable<number> = new Observable((subscriber) => {
  void settled.then(() => {
    subscriber.next(answer);
    subscriber.complete();
  });
});

/** The same for libraries of promises: who awaits it pays for one reaction too. */
export const promised = (): Promise<number> => answered;

/** Emits and completes in a later turn of the event loop, as an answer from a socket does. */
export const turn: Observable<number> = new Observable((subscriber) => {
  setImmediate(() => {
    subscriber.next(answer);
    subscriber.complete();
  });
});

export const promisedTurn = (): Promise<number> => new Promise((resolve) => setImmediate(resolve, answer));

/** Fails while it is subscribed. */
export const failing: Observable<number> = new Observable((subscriber) => subscriber.error(failure));

export const valuesPerCall = 1_000;

/** Many values while it is subscribed. */
export const stream: Observable<number> = new Observable((subscriber) => {
  for (let i = 0; i < valuesPerCall; i += 1) subscriber.next(answer);
  subscriber.complete();
});

/** Calls that run at once where memory is measured. */
export const inFlight = 10_000;

/** Calls that run until `end`. */
export class Held {
  private readonly ends: (() => void)[] = [];

  readonly promise = (): Promise<number> => new Promise((resolve) => this.ends.push(() => resolve(answer)));

  /** What waits in an application is mostly a promise, of a request or of a query: here the same one as for peers. */
  readonly source: Observable<number> = defer(this.promise);

  end(): void {
    for (const end of this.ends.splice(0)) end();
  }
}
