import * as rx from 'rxjs';
import { microtask, sync } from './sources.ts';

const { of, range } = rx;

/** What an application has besides: thirty other operators. */
export const otherOperators: readonly rx.OperatorFunction<number, unknown>[] = [
  rx.map((value) => value + 1),
  rx.filter((value) => value > 0),
  rx.scan((sum, value) => sum + value, 0),
  rx.reduce((sum, value) => sum + value, 0),
  rx.take(2),
  rx.takeWhile((value) => value < 3),
  rx.takeLast(1),
  rx.skip(1),
  rx.skipWhile((value) => value < 2),
  rx.tap(() => {}),
  rx.distinctUntilChanged(),
  rx.distinct(),
  rx.pairwise(),
  rx.bufferCount(2),
  rx.toArray(),
  rx.startWith(0),
  rx.endWith(0),
  rx.defaultIfEmpty(0),
  rx.isEmpty(),
  rx.every((value) => value > 0),
  rx.first(),
  rx.last(),
  rx.materialize(),
  rx.mergeMap((value) => of(value)),
  rx.concatMap((value) => of(value)),
  rx.switchMap((value) => of(value)),
  rx.exhaustMap((value) => of(value)),
  rx.withLatestFrom(of(0)),
  rx.finalize(() => {}),
  rx.share(),
];

/** Leaves the inline caches of RxJS as they are in an application: they have seen many kinds of subscriber. */
export async function runOtherOperators(times = 1_000): Promise<void> {
  const sources = [sync, microtask, range(1, 3)];
  let ended = 0;
  for (const operator of otherOperators) {
    for (const source of sources) {
      const piped = source.pipe(operator);
      for (let i = 0; i < times; i += 1) piped.subscribe({ complete: () => (ended += 1) });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const wanted = otherOperators.length * sources.length * times;
  if (ended !== wanted) throw new Error(`${ended} subscriptions ended instead of ${wanted}`);
}
