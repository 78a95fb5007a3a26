import type { Observable } from 'rxjs';
import type { Health } from '../core/health.js';
import type { Policy, PolicyEvent, PolicyKind, PolicyMetrics, PolicyMode } from '../operator/policy-types.js';

export interface PolicyRegistryOptions {
  /** For the registry's own health. Default `policies`. */
  readonly name?: string | undefined;
  /** How many of the latest transitions are kept for those who come late, 0 to 100,000. Default 100. */
  readonly history?: number | undefined;
}

/** Several policies that are registered together under their own names: a pipeline. */
export interface PolicyParts {
  readonly parts: Readonly<Record<string, Policy | undefined>>;
}

/** A policy opened, closed, was isolated, released or reset; not what became of one call. */
export interface RegisteredTransition {
  /** 1, 2, 3, … in this registry. */
  readonly id: number;
  readonly event: PolicyEvent;
}

/** The counters of one policy. */
export interface PolicyReport {
  readonly policy: string;
  readonly kind: PolicyKind;
  readonly mode: PolicyMode;
  readonly metrics: PolicyMetrics;
}

/** The policies of a service, for those who look at all of them. */
export interface PolicyRegistry {
  /** Those that are registered, in that order: the present ones at once, then each change. */
  readonly policies$: Observable<readonly Policy[]>;
  /**
   * One for all: down where a required policy is, degraded where another one is not up. `components` has each under
   * `kind:name`.
   */
  readonly health$: Observable<Health>;
  /** Every event of every policy. While nobody subscribes, no policy makes one for it. */
  readonly events$: Observable<PolicyEvent>;
  /** What moves a policy itself, as it happens. It costs the calls nothing. */
  readonly transitions$: Observable<RegisteredTransition>;
  /** The latest transitions, the oldest first. */
  history(): readonly RegisteredTransition[];
  /**
   * Adds a policy, or every part of a pipeline, and gives it back; what is there already stays as it is.
   * It leaves by itself when it is disposed.
   *
   * @throws TypeError where another policy of the same name and kind is there
   */
  register<P extends Policy | PolicyParts>(policy: P): P;
  /**
   * The policy of that name and kind; without a kind the only one of that name.
   *
   * @throws TypeError where there are several and no kind says which
   */
  get(name: string, kind?: PolicyKind): Policy | undefined;
  /**
   * As `get`; where there is none, `make(name)` is registered.
   *
   * @throws TypeError where what `make` gives has another name, or another kind than the one given
   */
  getOrCreate<P extends Policy = Policy>(name: string, make: (name: string) => P, kind?: PolicyKind): P;
  /** Lets go of it (without a kind: of all of that name) and says whether there was one. The policy itself goes on. */
  remove(name: string, kind?: PolicyKind): boolean;
  /** The counters of each at this moment. */
  metrics(): readonly PolicyReport[];
  /** Lets go of all and completes its streams. The policies go on; nothing can be registered afterwards. */
  dispose(): void;
}
