import { Observable } from 'rxjs';
import type { Health } from '../core/health.js';
import { reading } from '../core/options.js';
import { fuse } from './fuse.js';
import { noteMade } from './inline-warning.js';
import type { PolicyCore } from './policy-core.js';
import type { PolicyEvent, PolicyKind, PolicyMetrics, PolicyMode } from './policy-types.js';
import type { Stage } from './stage.js';

/** The part of a policy that its handle calls. */
export interface Served<E extends PolicyEvent, O, M extends PolicyMetrics> extends PolicyCore<E> {
  metrics(): M;
  update(options: Partial<O>): void;
}

/** How a registry finds what stands behind a handle, though the handle may come from another copy of the library. */
const coreKey: unique symbol = Symbol.for('rxjs-resilience/v1/core') as never;

interface Handle<E extends PolicyEvent, O, M> {
  [coreKey]: PolicyCore<E>;
  kind: PolicyKind;
  mode: PolicyMode;
  health$: Observable<Health>;
  events$: Observable<E>;
  metrics: () => M;
  reset: (caller?: string) => void;
  update: (options: Partial<O>) => void;
  dispose: () => void;
}

/**
 * Makes the operator that users hold: a function for `.pipe()` with the members of its policy. `extras` are what only
 * this kind has.
 *
 * Plain data properties in a fixed order, for `withDeadline` and `fallbackTo` are written inline: getters by
 * `defineProperties` cost some thirty times as much. A function named as the policy is saved the one property that has
 * to be defined.
 */
export function policyOperator<P, E extends PolicyEvent, O, M extends PolicyMetrics>(
  core: Served<E, O, M>,
  apply: <T>(source: Observable<T>) => Observable<T>,
  extras?: PropertyDescriptorMap,
): P {
  if (core.kind === 'circuitBreaker' || core.kind === 'bulkhead' || core.kind === 'retry') noteMade(core, core.kind);
  if (apply.name !== core.name) Object.defineProperty(apply, 'name', { value: core.name, configurable: true });
  const handle = apply as unknown as Handle<E, O, M>;
  handle[coreKey] = core;
  core.handle = handle;
  handle.kind = core.kind;
  handle.mode = core.mode;
  // The streams behind them are made when somebody subscribes.
  handle.health$ = new Observable((subscriber) => core.health$.subscribe(subscriber));
  handle.events$ = new Observable((subscriber) => core.events$.subscribe(subscriber));
  handle.metrics = () => core.metrics();
  handle.reset = (caller) => core.reset(caller);
  handle.update = (options) => reading(`${core.kind}.update`, () => core.update(options));
  handle.dispose = () => core.dispose();
  if (extras !== undefined) Object.defineProperties(apply, extras);
  return apply as unknown as P;
}

/** What stands behind a policy; undefined for anything that is none. */
export function coreOf(policy: unknown): PolicyCore<PolicyEvent> | undefined {
  return typeof policy === 'function' ? (policy as Partial<Handle<PolicyEvent, unknown, never>>)[coreKey] : undefined;
}

/** The work of a policy whose one stage serves every pipe that it stands in. */
export function applied(stage: Stage): <T>(source: Observable<T>) => Observable<T> {
  return (source) => fuse(source, stage);
}
