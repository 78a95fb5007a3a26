import { HttpResponse } from '@angular/common/http';
import { of } from 'rxjs';
import { constant, resiliencePipeline, type ResiliencePipeline } from 'rxjs-resilience';
import type { Suggestions } from './api';

/** What is suggested while the service that knows better is away. */
export const bestsellers: Suggestions = { title: 'Bestsellers', items: ['Bread', 'Milk', 'Apples'] };

/** The policies of each key. Times are short, so that an outage and its end can be watched. */
export function pipelineFor(key: string): ResiliencePipeline<unknown> {
  const name = key;
  switch (key) {
    case 'payments':
      return resiliencePipeline({
        name,
        deadline: 4_000,
        attemptDeadline: 1_500,
        retry: { backoff: constant(200), maxRetries: 2 },
        breaker: { failureThreshold: 3, breakDuration: 5_000, successThreshold: 1 },
      });
    case 'suggestions':
      return resiliencePipeline({
        name,
        deadline: 1_000,
        breaker: { failureThreshold: 3, breakDuration: 3_000, successThreshold: 1 },
        fallback: () => of(bestsellers),
      });
    case 'kept':
      // The same with a response of its own.
      return resiliencePipeline({ name, fallback: () => of(new HttpResponse({ body: bestsellers, status: 203 })) });
    default:
      return resiliencePipeline({
        name,
        deadline: 6_000,
        retry: { backoff: constant(150), maxRetries: 2 },
        breaker: { failureThreshold: 3, breakDuration: 3_000, successThreshold: 1 },
        bulkhead: { maxConcurrent: 4, queue: 8 },
      });
  }
}
