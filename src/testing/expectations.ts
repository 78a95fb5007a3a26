import { isObservable, Observable, type Subscriber } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { show } from '../core/options.js';
import { failure, type Place, placeHere } from './failure.js';
import { compareMoments, compareSubscriptions, type Mismatch, type SubscriptionMoments, type Written } from './mismatch.js';
import { type Moment, readMarble } from './moment.js';

type Log = Parameters<RunHelpers['expectSubscriptions']>[0];

/** As RxJS's; `above`: so many calls of this library stand between the test and this one. */
type ToBe = (marbles: string, values?: unknown, errorValue?: unknown, above?: number) => void;

export type ExpectObservable = <T>(
  observable: Observable<T>,
  subscriptionMarbles?: string | null,
) => { readonly toBe: ToBe; readonly toEqual: (other: Observable<T>) => void };

/** One `expectX(...)`, which is compared once it has its `toBe` or `toEqual`. */
interface Expectation {
  readonly title: string;
  /** RxJS's own may stand without `toBe`, only to subscribe something. */
  readonly maySubscribe: boolean;
  place: Place | undefined;
  written: Written | undefined;
  /** What RxJS has found to compare. */
  readonly compare: (actual: unknown, expected: unknown, written: Written | undefined) => Mismatch | undefined;
}

/** Stands around what RxJS records, tells what differs, and leaves nothing subscribed. */
export class Expectations {
  private open: Expectation[] = [];
  private failures: Error[] = [];
  private readonly subscribers: Subscriber<unknown>[] = [];

  /** What RxJS calls for one expectation after the other, in the order in which they were made. */
  readonly compare = (actual: unknown, expected: unknown): void => {
    const at = this.open.findIndex(({ place }) => place !== undefined);
    const [expectation] = this.open.splice(at, 1);
    const { title, place, written, compare } = expectation!;
    const mismatch = compare(actual, expected, written);
    if (mismatch !== undefined) this.failures.push(failure(`${title} does not hold\n\n${mismatch.text}`, place, mismatch));
  };

  /** Throws what has failed since the last time. */
  verdict(): void {
    const [first, ...others] = this.failures;
    this.failures = [];
    if (first === undefined) return;
    for (const other of others) first.message += `\n\n${other.message}`;
    if (others.length > 0) first.stack = first.stack?.replace(/^[\s\S]*?(?=\n {4}at )/, () => `${first.name}: ${first.message}`) ?? '';
    throw first;
  }

  /** Throws where a status was asked for and what it should be was not said. */
  refuseUnsaid(): void {
    const unsaid = this.open.find(({ maySubscribe, place }) => place === undefined && !maySubscribe);
    if (unsaid !== undefined) throw failure(`${unsaid.title} has no toBe, and so expects nothing`);
  }

  /** Leaves whatever an expectation has subscribed: a policy that tests share is observed by the present one only. */
  end(): void {
    for (const subscriber of this.subscribers) subscriber.unsubscribe();
  }

  /** With a title it expects something of its own, and always needs a `toBe`. */
  observable(expect: RunHelpers['expectObservable'], own?: string): ExpectObservable {
    const title = own ?? 'expectObservable';
    return (observable, subscriptionMarbles) => {
      if (!isObservable(observable)) throw new TypeError(`${title}: there must be an observable, got ${show(observable)}`);
      const expectation = this.add(title, own === undefined, compareObserved);
      const told = expect(this.watched(observable), subscriptionMarbles);
      const toBe: ToBe = (marbles, values, errorValue, above = 0) => {
        expectation.place = placeHere(above + 2);
        expectation.written = { named: readMarble(marbles), values };
        told.toBe(marbles, values, errorValue);
      };
      const toEqual: typeof told.toEqual = (other) => {
        expectation.place = placeHere(2);
        told.toEqual(this.watched(other));
      };
      return { toBe, toEqual };
    };
  }

  subscriptions(expect: RunHelpers['expectSubscriptions']): RunHelpers['expectSubscriptions'] {
    return (logs: Log) => {
      const expectation = this.add('expectSubscriptions', true, compareLogs);
      const told = expect(logs);
      const toBe: typeof told.toBe = (marbles) => {
        expectation.place = placeHere(2);
        told.toBe(marbles);
      };
      return { toBe };
    };
  }

  private add(title: string, maySubscribe: boolean, compare: Expectation['compare']): Expectation {
    const expectation: Expectation = { title, maySubscribe, place: undefined, written: undefined, compare };
    this.open.push(expectation);
    return expectation;
  }

  private watched<T>(source: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      this.subscribers.push(subscriber as Subscriber<unknown>);
      source.subscribe(subscriber);
    });
  }
}

const compareObserved: Expectation['compare'] = (actual, expected, written) =>
  compareMoments(actual as Moment[], expected as Moment[], written);

const compareLogs: Expectation['compare'] = (actual, expected) =>
  compareSubscriptions(actual as SubscriptionMoments[], expected as SubscriptionMoments[]);
