import type { Priority } from '../core/priority.js';
import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';
import type { ShedReason } from './load-shed-error.js';

export type LoadShedEvent =
  | ResetEvent
  /** The call goes on to its source. */
  | (PolicyEvent & { readonly type: 'admitted' })
  /** The call ends with a `LoadShedError`; in shadow mode it only would. `limit` is that of the shedder. */
  | (PolicyEvent & { readonly type: 'shed'; readonly priority: Priority; readonly reason: ShedReason; readonly limit: number })
  /** The adaptive limit of the shedder has moved. */
  | (PolicyEvent & { readonly type: 'limitChanged'; readonly limit: number; readonly previous: number });

export interface LoadShedMetrics extends PolicyMetrics {
  /** Calls of this policy that went on to their source since the last reset. */
  readonly admitted: number;
  /** Calls of this policy that were shed, by priority. Those whose deadline had passed are in neither. */
  readonly shed: Readonly<Record<Priority, number>>;
  /** Calls that hold a permit of the shedder, of all policies that share it. */
  readonly inFlight: number;
  /** Calls that may hold one, of all priorities together. */
  readonly limit: number;
}
