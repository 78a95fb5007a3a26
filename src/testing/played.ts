import { asyncScheduler, Observable, type Subscriber } from 'rxjs';
import { show } from '../core/options.js';
import { after } from '../operator/timer.js';
import { checkMarble, type Moment, readMarble } from './moment.js';

/** What a marble diagram of a source stands for. */
export interface SourceOptions<T = unknown> {
  /** What the letters stand for. Default: themselves. A letter that is not among them is refused. */
  readonly values?: Readonly<Record<string, T>> | undefined;
  /** What `#` carries. Default: a new `Error('down')` each time, which is transient. */
  readonly error?: unknown;
}

export const sourceOptionNames: readonly string[] = ['values', 'error'];

/** A cold observable that plays a marble diagram from its subscription on, by `asyncScheduler`: in virtual time too. */
export function played<T>(helper: string, marble: string, options: SourceOptions<T>): Observable<T> {
  const moments = readMarble(checkMarble(helper, marble, '^!'));
  const { values } = options;
  if (values !== undefined) checkLetters(helper, marble, moments, values);
  const fails = 'error' in options ? () => options.error : () => new Error('down');
  const valueOf = (letter: string): T => (values === undefined ? (letter as T) : values[letter]!);
  return new Observable((subscriber) => {
    for (const { frame, notification } of moments) {
      subscriber.add(after(asyncScheduler, frame, () => happen(notification, subscriber, valueOf, fails)));
    }
  });
}

function happen<T>(
  notification: Moment['notification'],
  subscriber: Subscriber<T>,
  valueOf: (letter: string) => T,
  fails: () => unknown,
): void {
  if (notification.kind === 'N') subscriber.next(valueOf(notification.value as string));
  else if (notification.kind === 'E') subscriber.error(fails());
  else subscriber.complete();
}

function checkLetters(helper: string, marble: string, moments: readonly Moment[], values: object): void {
  for (const { notification } of moments) {
    if (notification.kind !== 'N' || Object.hasOwn(values, notification.value as string)) continue;
    const known = Object.keys(values).join(', ');
    throw new TypeError(`${helper}: values has no '${notification.value as string}', which stands in ${show(marble)}; known are ${known}`);
  }
}
