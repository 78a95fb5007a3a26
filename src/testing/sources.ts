import { asyncScheduler, defer, isObservable, NEVER, Observable } from 'rxjs';
import { checkFunction, checkInteger, checkKeys, checkNumber, show } from '../core/options.js';
import { year } from '../operator/clock.js';
import { after } from '../operator/timer.js';
import { played, type SourceOptions, sourceOptionNames } from './played.js';
import { seededRandom } from './seeded-random.js';

/** What a source does: a marble diagram from its subscription on, or an observable. */
export type Behaviour<T> = string | Observable<T>;

/** When a dependency is down, in milliseconds: from `from` on, and up again from `to` on. */
export interface OutageWindow {
  /** From 0, finite. */
  readonly from: number;
  /** From `from`; `Infinity`: it does not come back. */
  readonly to: number;
}

export interface BrownoutOptions<T = unknown> extends SourceOptions<T> {
  /** Numbers from 0 (included) to 1 (excluded). Default: `seededRandom(1)`, a new one for each brownout. */
  readonly random?: (() => number) | undefined;
}

/**
 * A dependency that is down for a while. Each subscription gets `down` if it is made within the window, else `up`; one
 * that is under way is not disturbed. Time is the virtual time of the test; outside of virtual time it counts from this
 * call on.
 *
 * @throws TypeError, RangeError
 *
 * ```ts
 * const api = outage({ from: 2, to: 6 }, '(a|)', '#');
 * ```
 */
export function outage<T = string>(
  window: OutageWindow,
  up: Behaviour<T>,
  down: Behaviour<T>,
  options: SourceOptions<T> = {},
): Observable<T> {
  checkKeys('outage: window', window, ['from', 'to']);
  const from = checkNumber('from', window.from, 0);
  const to = checkNumber('to', window.to, from, Infinity);
  const [whenUp, whenDown] = behaviours('outage', [up, down], options);
  const start = asyncScheduler.now();
  return defer(() => {
    const time = asyncScheduler.now();
    // Virtual time starts at 0, whenever this was made, and gets to no year; real time never shows so little.
    const passed = start < year || time < start ? time : time - start;
    return passed >= from && passed < to ? whenDown! : whenUp!;
  });
}

/**
 * Fails for the first subscriptions and then works: `failing` for the first `times` of them, `then` for all that follow.
 *
 * @param times a whole number from 0
 * @throws TypeError, RangeError
 *
 * ```ts
 * const api = flaky(2, '-#', '-(a|)');
 * ```
 */
export function flaky<T = string>(
  times: number,
  failing: Behaviour<T>,
  then: Behaviour<T>,
  options: SourceOptions<T> = {},
): Observable<T> {
  checkInteger('times', times, 0);
  const [first, last] = behaviours('flaky', [failing, then], options);
  let subscribed = 0;
  return defer(() => (subscribed++ < times ? first! : last!));
}

/**
 * A source that begins late: it is subscribed `ms` milliseconds after its consumer has subscribed, and not at all where
 * that one leaves before.
 *
 * @param ms milliseconds, from 0
 * @throws TypeError, RangeError
 */
export function slow<T = string>(ms: number, source: Behaviour<T>, options: SourceOptions<T> = {}): Observable<T> {
  checkNumber('ms', ms, 0);
  const [late] = behaviours('slow', [source], options);
  return new Observable((subscriber) => after(asyncScheduler, ms, () => late!.subscribe(subscriber)));
}

/** A source that neither emits nor ends: a dependency that accepts a request and never answers. */
export function hang(): Observable<never> {
  return NEVER;
}

/**
 * A dependency that fails now and then: each subscription gets `down` with the probability `rate`, else `up`. Which ones
 * is the same in every run of a test.
 *
 * @param rate a share, from 0 to 1
 * @throws TypeError, RangeError
 *
 * ```ts
 * const api = brownout(0.2, '--(a|)', '--#', { random: seededRandom(7) });
 * ```
 */
export function brownout<T = string>(
  rate: number,
  up: Behaviour<T>,
  down: Behaviour<T>,
  options: BrownoutOptions<T> = {},
): Observable<T> {
  checkNumber('rate', rate, 0, 1);
  const { random = seededRandom(1), ...rest } = options;
  checkFunction('random', random);
  const [whenUp, whenDown] = behaviours('brownout', [up, down], rest, ['random']);
  return defer(() => (random() < rate ? whenDown! : whenUp!));
}

function behaviours<T>(
  helper: string,
  given: readonly Behaviour<T>[],
  options: SourceOptions<T>,
  others: readonly string[] = [],
): readonly Observable<T>[] {
  checkKeys(`${helper}: options`, options, [...sourceOptionNames, ...others]);
  if (Object.keys(options).length > 0 && given.every((behaviour) => typeof behaviour !== 'string')) {
    throw new TypeError(`${helper}: values and error are for marble diagrams, and there is none`);
  }
  return given.map((behaviour) => {
    if (typeof behaviour === 'string') return played(helper, behaviour, options);
    if (isObservable(behaviour)) return behaviour;
    throw new TypeError(`${helper}: a source must be a marble diagram or an observable, got ${show(behaviour)}`);
  });
}
