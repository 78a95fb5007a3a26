import {
  type Bulkhead, classify, decorrelatedJitter, type ErrorClass, exponential, httpStatusOf, resiliencePipeline,
} from 'rxjs-resilience';

export interface PolicySettings {
  /** By which the slow times are divided: 1, or more where somebody waits for the end of the demo. Default 1. */
  readonly speed?: number | undefined;
  readonly random?: (() => number) | undefined;
}

/** All policies of the shop: one pipeline for each dependency, made once. */
export function shopPolicies({ speed = 1, random = Math.random }: PolicySettings = {}) {
  const breakDuration = exponential({ initial: 10_000 / speed, cap: 60_000 / speed, jitter: 'proportional' });
  const common = { breaker: { breakDuration }, random };
  // Of what the request has left 50 ms are kept: to say how it ended while somebody is still there to hear it.
  const keyed = { deadline: { reserve: 50 }, classify: classifyKeyed };
  const page = { ...common, attemptDeadline: 300, bulkhead: 20 };

  return {
    payments: resiliencePipeline({
      ...common,
      ...keyed,
      name: 'payments',
      attemptDeadline: 5_000 / speed,
      bulkhead: { maxConcurrent: 10, queue: { size: 20, timeout: 5_000 / speed } },
      breaker: { failureThreshold: 3, breakDuration },
      retry: { backoff: decorrelatedJitter({ base: 200 / speed, cap: 2_000 / speed }), maxRetries: 2 },
    }),
    inventory: resiliencePipeline({
      ...common,
      ...keyed,
      name: 'inventory',
      attemptDeadline: 1_000,
      bulkhead: 30,
      retry: { backoff: exponential({ initial: 50 }), maxRetries: 1 },
    }),
    notification: resiliencePipeline({ ...common, ...keyed, name: 'notification', attemptDeadline: 1_000, bulkhead: 50 }),

    profiles: resiliencePipeline({ ...page, name: 'profiles' }),
    recommendations: resiliencePipeline({ ...page, name: 'recommendations' }),
    // 20 ms are kept for the answer that needs no ranking.
    ranking: resiliencePipeline({ ...page, name: 'ranking', attemptDeadline: { within: 300, reserve: 20 } }),
  };
}

export type ShopPolicies = ReturnType<typeof shopPolicies>;

/**
 * What the errors mean of those who are told a key. 409: an earlier try with the same key, which we have given up, is
 * still running over there. Nothing is broken, and asking at once again would get the same answer.
 */
export function classifyKeyed(error: unknown): ErrorClass {
  return httpStatusOf(error) === 409 ? 'refused' : classify(error);
}

/** Whether a newcomer would be turned away at this moment. */
export function isFull({ active, limit, queued, capacity }: Bulkhead): boolean {
  return active >= limit && queued >= capacity;
}
