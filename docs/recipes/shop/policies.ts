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
  // Of the time that a request has left: to say how it has ended while somebody is still there to hear it.
  const deadline = { reserve: 50 };

  return {
    payments: resiliencePipeline({
      name: 'payments',
      attemptDeadline: 5_000 / speed,
      bulkhead: { maxConcurrent: 10, queue: { size: 20, timeout: 5_000 / speed } },
      breaker: { failureThreshold: 3, breakDuration },
      retry: { backoff: decorrelatedJitter({ base: 200 / speed, cap: 2_000 / speed }), maxRetries: 2 },
      classify: classifyCharge,
      deadline,
      random,
    }),
    inventory: resiliencePipeline({
      name: 'inventory',
      attemptDeadline: 1_000,
      bulkhead: 30,
      breaker: { breakDuration },
      retry: { backoff: exponential({ initial: 50 }), maxRetries: 1 },
      deadline,
      random,
    }),
    notification: resiliencePipeline({ name: 'notification', attemptDeadline: 1_000, bulkhead: 50, breaker: { breakDuration }, deadline, random }),
    profiles: resiliencePipeline({ name: 'profiles', attemptDeadline: 300, bulkhead: 20, breaker: { breakDuration }, random }),
    recommendations: resiliencePipeline({ name: 'recommendations', attemptDeadline: 300, bulkhead: 20, breaker: { breakDuration }, random }),
    // Of a request that has little time left 20 ms are kept, for the answer that needs no ranking.
    ranking: resiliencePipeline({ name: 'ranking', attemptDeadline: { within: 300, reserve: 20 }, bulkhead: 20, breaker: { breakDuration }, random }),
  };
}

export type ShopPolicies = ReturnType<typeof shopPolicies>;

/**
 * What the payment provider's errors mean. 409: an earlier try with the same key, which we have given up, is still
 * running over there. Nothing is broken, and asking at once again would get the same answer.
 */
export function classifyCharge(error: unknown): ErrorClass {
  return httpStatusOf(error) === 409 ? 'refused' : classify(error);
}

/** Whether a newcomer would be turned away at this moment. */
export function isFull({ active, limit, queued, capacity }: Bulkhead): boolean {
  return active >= limit && queued >= capacity;
}
