import { Observable } from 'rxjs';
import { checkInteger, checkKeys, checkNumber } from '../core/options.js';
import { runInFrame } from './context.js';
import { type CallLimits, detached } from './frame.js';
import { applied } from './policy.js';
import { ambient } from './shared.js';
import { stage } from './stage.js';

/** What was said further out holds no more: what a source does inside is its own affair. */
const none: CallLimits = {};

/**
 * The same operator, in which each retry makes at most `maxRetries` tries after the first, and nobody waits in a queue
 * for longer than `maxQueueWait`. It is for whoever runs a policy of somebody else with a request that may not be made
 * twice, or where nobody can wait. The limits end where the source is subscribed, and where a consumer is told.
 */
export function limited<R>(
  operator: <T>(source: Observable<T>) => Observable<T | R>,
  limits: CallLimits,
): <T>(source: Observable<T>) => Observable<T | R> {
  const { maxRetries, maxQueueWait } = checkKeys('limits', limits, ['maxRetries', 'maxQueueWait']);
  if (maxRetries !== undefined) checkInteger('maxRetries', maxRetries, 0, Infinity);
  if (maxQueueWait !== undefined) checkNumber('maxQueueWait', maxQueueWait, 0, Infinity);
  // A stage that does nothing tells consumers in their own context, as every one does.
  const outside = applied(stage({}));
  return (source) => outside(within(limits, operator(within(none, source))));
}

function within<T>(limits: CallLimits, source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const outer = ambient();
    return runInFrame({ ...detached(outer), outer, limits }, () => source.subscribe(subscriber));
  });
}
