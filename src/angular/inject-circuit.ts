import type { Signal } from '@angular/core';
import { EMPTY } from 'rxjs';
import type { CircuitState } from '../core/circuit-state.js';
import { followingSignal } from './following-signal.js';

/**
 * The state of the breaker of a key; undefined while the key is not kept, or where its pipeline has no breaker. In an
 * injection context, with whose end it ends.
 *
 * @throws TypeError for a key that is no string or an empty one
 */
export function injectCircuit(key: string): Signal<CircuitState | undefined> {
  return followingSignal<CircuitState | undefined>(
    key,
    ({ parts }) => parts.breaker?.state$ ?? EMPTY,
    () => undefined,
  );
}
