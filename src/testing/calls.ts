import { catchError, from, mergeMap, type Observable, of } from 'rxjs';
import { checkFunction } from '../core/options.js';
import { checkMarble } from './moment.js';
import { played } from './played.js';

/** Makes a call for each mark of a marble diagram; `index` counts from 0. */
export type MakeCall = (mark: string, index: number) => Observable<unknown>;

/**
 * Many calls as one picture: subscribes what `make` returns once for each mark of the diagram, counted from its own
 * subscription on, and emits all their values, and their errors as values.
 */
export function calls(marble: string, make: MakeCall): Observable<unknown> {
  const marks = played<string>('calls', checkMarble('calls', marble, '#^!'), {});
  checkFunction('make', make);
  return marks.pipe(mergeMap((mark, index) => from(make(mark, index)).pipe(catchError((error: unknown) => of(error)))));
}
