import type { Observable } from 'rxjs';
import { fuse, StageList } from './fuse.js';
import { noteMade } from './inline-warning.js';
import type { PolicyCore } from './policy-core.js';
import type { PolicyEvent, PolicyMetrics } from './policy-types.js';
import type { Stage } from './stage.js';

/** The part of a policy that its handle calls. */
export interface Served<E extends PolicyEvent, O, M extends PolicyMetrics> extends PolicyCore<E> {
  metrics(): M;
  reset(): void;
  update(options: Partial<O>): void;
}

/**
 * Makes the operator that users hold: a function for `.pipe()` with the members of its policy. `extras` are what only
 * this kind has.
 */
export function policyOperator<P, E extends PolicyEvent, O, M extends PolicyMetrics>(
  core: Served<E, O, M>,
  apply: <T>(source: Observable<T>) => Observable<T>,
  extras: PropertyDescriptorMap = {},
): P {
  if (core.kind === 'circuitBreaker' || core.kind === 'bulkhead' || core.kind === 'retry') noteMade(core, core.kind);
  Object.defineProperties(apply, {
    name: { value: core.name },
    kind: { value: core.kind, enumerable: true },
    mode: { get: () => core.mode, enumerable: true },
    health$: { get: () => core.health$ },
    events$: { get: () => core.events$ },
    metrics: { value: () => core.metrics() },
    reset: { value: (caller?: string) => (core.reset as (caller?: string) => void).call(core, caller) },
    update: { value: (options: Partial<O>) => core.update(options) },
    dispose: { value: () => core.dispose() },
    ...extras,
  });
  return apply as unknown as P;
}

/** The work of a policy whose one stage serves every pipe that it stands in. */
export function applied(stage: Stage): <T>(source: Observable<T>) => Observable<T> {
  const alone = new StageList([stage]);
  return (source) => fuse(source, stage, alone);
}
