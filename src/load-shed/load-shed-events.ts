import type { Priority } from '../core/priority.js';
import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';
import type { ShedReason } from './load-shed-error.js';

export type LoadShedEvent =
  | ResetEvent
  /** The call goes on to its source. */
  | (PolicyEvent & { readonly type: 'admitted' })
  | (PolicyEvent & { readonly type: 'shed'; readonly priority: Priority; readonly reason: ShedReason; readonly limit: number })
  /** The adaptive limit of the shedder has moved. */
  | (PolicyEvent & { readonly type: 'limitChanged'; readonly limit: number; readonly previous: number });

export interface LoadShedMetrics extends PolicyMetrics {
  readonly admitted: number;
  readonly shed: Readonly<Record<Priority, number>>;
  /** Calls that hold a permit of the shedder, of all policies that share it. */
  readonly inFlight: number;
  /** Of the shedder. */
  readonly limit: number;
}
