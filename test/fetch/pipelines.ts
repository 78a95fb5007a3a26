import { constant, resiliencePipeline, type PipelineOptions, type ResiliencePipeline } from '../../src/index.js';

/** Tries again without waiting for long, and without an end to what it can bear. */
export const eager = (name: string, options: Omit<PipelineOptions, 'fallback'> = {}): ResiliencePipeline<never> =>
  resiliencePipeline({
    name,
    retry: { backoff: constant(1), maxRetries: 3, budget: false },
    ...options,
  }) as unknown as ResiliencePipeline<never>;
