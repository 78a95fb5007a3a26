import type { Observable } from 'rxjs';
import type { CircuitState, Health } from 'rxjs-resilience';
import type { MarbleHelpers } from 'rxjs-resilience/testing';

/** What a scenario asks of a policy. */
export interface ScenarioPolicy {
  metrics(): object;
  readonly health$: Observable<Health>;
  readonly state$?: Observable<CircuitState>;
}

export type Policies = Readonly<Record<string, ScenarioPolicy>>;

/** One consumer: when it subscribes and leaves, and what it sees in between. */
export interface Picture {
  /** A subscription marble: `^` subscribes, `!` leaves. */
  readonly call: string;
  /** The marble that the consumer sees; `#` is the error of this picture, or of the scenario. */
  readonly sees: string;
  readonly error?: unknown;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A failure scenario as data: run as a test, and later drawn. One frame is a millisecond. */
export interface Scenario<P extends Policies = Policies> {
  /** A sentence in the present tense. */
  readonly title: string;
  readonly policies: () => P;
  /** Cold marbles of the dependency: the nth subscription gets the nth of them, further ones the last. */
  readonly source: string | readonly string[];
  /** What `#` of the source carries. Default: `down`, an error of class `transient`. */
  readonly fails?: unknown;
  readonly values?: Readonly<Record<string, unknown>>;
  /** Applied once for each call. `index` counts the calls from 0. */
  readonly pipe: (source: Observable<unknown>, policies: P, helpers: MarbleHelpers & { readonly index: number }) => Observable<unknown>;
  readonly calls: readonly Picture[];
  /** When the source was subscribed and unsubscribed, one marble for each subscription, in their order. */
  readonly subscriptions: readonly string[];
  /** By policy: `c` closed, `o` open, `h` half-open, `i` isolated. */
  readonly states?: Readonly<Partial<Record<keyof P, string>>>;
  /** By policy: `u` up, `g` degraded, `d` down, `?` unknown. */
  readonly health?: Readonly<Partial<Record<keyof P, string>>>;
  /** Some of the counters of a policy after the last call. */
  readonly metrics?: Readonly<Partial<Record<keyof P, Readonly<Record<string, unknown>>>>>;
}

/** The error of a source that says nothing else: a dependency that is down. */
export const down: Error = new Error('down');

/** Keeps the type of the policies while a list of scenarios has another. */
export function scenario<P extends Policies>(data: Scenario<P>): Scenario {
  return data as unknown as Scenario;
}

/** Equal to every error that has these properties, also where they are not its own. */
export function errorWith(properties: Readonly<Record<string, unknown>>): unknown {
  return {
    $$typeof: Symbol.for('jest.asymmetricMatcher'),
    asymmetricMatch: (other: unknown) =>
      typeof other === 'object' &&
      other !== null &&
      Object.entries(properties).every(([key, value]) => Object.is((other as Record<string, unknown>)[key], value)),
    toString: () => 'errorWith',
    toAsymmetricMatcher: () => `errorWith(${JSON.stringify(properties)})`,
  };
}
