import type { Signal } from '@angular/core';
import { asyncScheduler } from 'rxjs';
import type { Health } from '../core/health.js';
import { followingSignal } from './following-signal.js';

/**
 * How the dependency behind a key is: the health of its pipeline. `unknown` while the key is not kept: before its first
 * request, and after it has left. In an injection context, with whose end it ends.
 *
 * @throws TypeError for a key that is no string or an empty one
 *
 * ```ts
 * readonly payments = injectHealth('payments');   // @if (payments().status !== 'up') { ... }
 * ```
 */
export function injectHealth(key: string): Signal<Health> {
  return followingSignal<Health>(
    key,
    ({ health$ }) => health$,
    () => ({ name: key, status: 'unknown', required: false, since: asyncScheduler.now(), details: {} }),
  );
}
