import { fallbackTo, resiliencePipeline } from 'rxjs-resilience';
import { isHttpStatusError, resilientFetch } from 'rxjs-resilience/fetch';

const trending = (): Response => Response.json(['bolts', 'nuts']);

export const recommend = resilientFetch({
  until: 'body', // the deadline holds for the body as well
  throwOnStatus: true, // what no fallback has answered is an error
  key: ({ url }) => new URL(url).pathname.split('/')[1]!, // by the first segment, not by origin
  pipeline: (name) =>
    resiliencePipeline({
      name,
      attemptDeadline: 300,
      deadline: 1_000,
      breaker: {},
      retry: { maxRetries: 1 },
      fallback: fallbackTo(() => [trending()]),
    }),
});

export async function statusOf(url: string): Promise<number> {
  try {
    return (await recommend(url)).status;
  } catch (error) {
    return isHttpStatusError(error) ? error.status : 0;
  }
}
