import type { Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';
import type { FallbackOperator } from '../fallback/fallback-core.js';
import type { Policy, PolicyEvent } from '../operator/policy-types.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';

/**
 * The key of the policy that the keys share for which there is no place. A key of this name is served by it as well. A
 * breaker of it never opens by itself: one key must not refuse the calls of another.
 */
export const overflowKey = '(others)';

/** What `perKey` keeps one of for each key: a policy, or a pipeline with its `parts`. */
export interface KeyedPolicy {
  // As a member, so that an operator with type parameters of its own fits.
  (source: Observable<never>): Observable<unknown>;
  readonly name: string;
  readonly health$: Observable<Health>;
  readonly events$: Observable<PolicyEvent>;
  readonly parts?: Readonly<Record<string, Policy | undefined>> | undefined;
  dispose(): void;
}

export interface PerKeyOptions {
  /** For its health. Default `perKey`. */
  readonly name?: string | undefined;
  /** How many keys are kept, 1 to 1,000,000; twice as many while none of them can go. Default 1,000. */
  readonly maxKeys?: number | undefined;
  /** Milliseconds after the end of its last call in which a key is kept, at least 0, or `Infinity`. Default 600,000. */
  readonly idleAfter?: number | undefined;
  /** The part of the keys, above 0 to 1, at which no further breaker opens by itself. Default 1: each may. */
  readonly maxOpenShare?: number | undefined;
  /** Whether the whole is down without what these policies protect: of its health. Default false. */
  readonly required?: boolean | undefined;
  /** The clock by which a key is idle. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A breaker would have opened, and stays closed: too many others are not closed, or it is that of the shared policy. */
export interface HeldClosedEvent extends PolicyEvent {
  readonly type: 'heldClosed';
  readonly key: string;
  /** Keys of which a breaker is not closed. */
  readonly open: number;
  readonly keys: number;
}

/** A call of a key for which there is no place runs through the policy that all such keys share. */
export interface OverflowEvent extends PolicyEvent {
  readonly type: 'overflow';
  readonly key: string;
}

/** What the events of the keyed policies are. */
export type EventOf<P> = P extends { readonly events$: Observable<infer E> } ? E : PolicyEvent;

/** What an operator adds to the values of its source: of a fallback, its answers. */
export type AddedBy<P> = P extends <T>(source: Observable<T>) => Observable<T>
  ? never
  : P extends FallbackOperator<infer R> | ResiliencePipeline<infer R>
    ? R
    : unknown;

/** For `.pipe()`. */
export type KeyedOperator<R> = <T>(source: Observable<T>) => Observable<T | R>;

/** Gives the operator of a key. */
export interface PerKey<P extends KeyedPolicy = KeyedPolicy> {
  /**
   * An operator for `.pipe()`. The policy of the key is looked up, or made, when the result is subscribed: a pipe may be
   * kept, however often its key has come and gone meanwhile.
   */
  (key: string): KeyedOperator<AddedBy<P>>;
  readonly name: string;
  /** How many keys there are, without the shared policy. */
  readonly size: number;
  /** In the order in which they came. */
  keys(): readonly string[];
  /** The policy of a key that is there; looking makes none, and is no use of it. */
  get(key: string): P | undefined;
  /**
   * One for all: down where every key is, degraded where one is not up. `details` has `keys`, `degraded`, `down` and
   * `overflow`, however many there are. The present one at once, then each change; completes on `dispose`.
   */
  readonly health$: Observable<Health>;
  /** The events of all keys, and `heldClosed` and `overflow`. While nobody subscribes, no policy makes one for it. */
  readonly events$: Observable<EventOf<P> | HeldClosedEvent | OverflowEvent>;
  /** Completes the streams, and disposes every policy. Calls and decisions go on, of further keys too. */
  dispose(): void;
}
