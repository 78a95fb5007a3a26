import type { Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';
import { checkBoolean, checkKeys, checkName, reading } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';
import { CombinedHealth } from './combined-health.js';
import { type HealthParts, healthsOf } from './health-source.js';

export interface CombineHealthOptions {
  /** For people, logs and metrics. */
  readonly name: string;
  /** What the whole means to a greater whole. Default false. */
  readonly required?: boolean | undefined;
  /** Clock. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Several healths as one: the worst of those that are `required` (`down`, `unknown`, `degraded`, `up`). One that is not
 * makes the whole `degraded` at most, and by being `unknown` nothing at all. Without parts it is `up`. `components` has
 * the parts by name.
 *
 * A part is a stream, or what has a `health$`. It is subscribed while somebody listens, once for all subscribers. One
 * that has not spoken yet is `unknown` and counts as required; one that errors is `down`, with the error, from then on;
 * one that completes stays as it was.
 *
 * One change is one emission: what listens to several parts of one origin hears of it when all have been told. That
 * holds at any depth for what comes of this library's own streams.
 *
 * @throws TypeError for a part that is no source of health, and for unknown options
 *
 * ```ts
 * const stores$ = combineHealth({ db, cache, payments: breaker }, { name: 'stores' });
 * ```
 */
export function combineHealth(parts: HealthParts, options: CombineHealthOptions): Observable<Health> {
  const combined = reading('combineHealth', () => {
    const { name, required = false, scheduler } = checkKeys('options', options, ['name', 'required', 'scheduler']);
    checkName('name', name);
    checkBoolean('required', required);
    checkScheduler(scheduler);
    return new CombinedHealth(healthsOf('parts', parts), { name, required, scheduler });
  });
  return combined.health$;
}
