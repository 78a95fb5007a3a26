import { exponential, fallbackToValue, resiliencePipeline, type ResiliencePipeline, standardPipeline } from 'rxjs-resilience';

/** Called with the first request of a key, such as `https://shop.example/api/payments`. */
export function pipelineFor(key: string): ResiliencePipeline<unknown> {
  if (!key.endsWith('/api/suggestions')) return standardPipeline({ name: key });
  return resiliencePipeline({
    name: key,
    attemptDeadline: 800, //                                   each try
    breaker: { failureThreshold: 3, breakDuration: 5_000 }, // nothing is sent while it is down
    retry: { backoff: exponential(), maxRetries: 1 }, //       reads only, see below
    deadline: 2_000, //                                        the whole request
    fallback: fallbackToValue({ title: 'Popular', items: [] }), // the body of the response that comes instead
  });
}
