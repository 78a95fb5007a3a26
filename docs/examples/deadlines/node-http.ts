import { createServer } from 'node:http';
import { currentContext, withDeadline, attempt } from 'rxjs-resilience';
import { deadlineMiddleware, resilienceErrors } from 'rxjs-resilience/node';
import { firstValueFrom } from 'rxjs';

const deadline = deadlineMiddleware({ maximum: 10_000, cancelOnDisconnect: ['GET', 'HEAD', 'REPORT'] });
const failed = resilienceErrors();

/** Work in steps looks at what is left before it begins the next one. */
async function report(steps: readonly ((signal: AbortSignal) => Promise<string>)[], signal: AbortSignal): Promise<string[]> {
  const done: string[] = [];
  for (const step of steps) {
    const left = currentContext().deadline?.remaining() ?? Infinity;
    if (left < 50) break;
    done.push(await step(signal));
  }
  return done;
}

export const steps: ((signal: AbortSignal) => Promise<string>)[] = [];

export const server = createServer((req, res) => {
  deadline(req, res, () => {
    // `withDeadline()` enforces the deadline and the signal of the request.
    const work = attempt(({ signal }) => report(steps, signal)).pipe(withDeadline());
    firstValueFrom(work).then(
      (done) => res.end(JSON.stringify(done)),
      (error: unknown) => failed(error, req, res),
    );
  });
});
