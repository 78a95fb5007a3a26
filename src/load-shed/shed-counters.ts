import type { LimitSampler } from '../core/concurrency-limit.js';
import type { Priority } from '../core/priority.js';

/**
 * What a policy has counted, and what it has told the limit of its shedder, since its last reset. A call keeps those of
 * the time at which it came: after a reset it counts where nobody looks, and it is not measured.
 */
export class ShedCounters {
  admitted = 0;
  readonly shed: Record<Priority, number> = { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 0 };

  constructor(readonly sampler: LimitSampler) {}
}
