import {
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  ConstantBackoff,
  fallback,
  handleAll,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import Opossum from 'opossum';
import { allowed, room } from './ours.ts';

export type Call = () => Promise<number>;

/** Wraps a call by policies that are kept. */
export type Wrap = (call: Call) => Call;

const strategy = TimeoutStrategy.Aggressive;

interface Executes {
  execute(fn: () => Promise<number>): Promise<number>;
}

const executing = (policy: Executes): Wrap => (call) => () => policy.execute(call);

export const cockatiel = {
  deadline: (): Wrap => executing(timeout(allowed, strategy)),
  bulkhead: (limit = room): Wrap => executing(bulkhead(limit)),
  breaker: (): Wrap =>
    executing(circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new ConsecutiveBreaker(5) })),
  windowBreaker: (): Wrap => executing(circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: sampling() })),
  retry: (): Wrap => executing(retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(0) })),
  fallback: (): Wrap => executing(fallback(handleAll, 0)),
  /** `abortOnReturn` is the default; without it the stack is much cheaper, and the signal of a call that ended stays silent. */
  stack: (abortOnReturn = true): Wrap =>
    executing(
      wrap(
        fallback(handleAll, 0),
        retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(0) }),
        circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: sampling() }),
        bulkhead(room),
        timeout(allowed, { strategy, abortOnReturn }),
      ),
    ),
};

const sampling = (): SamplingBreaker => new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 2 });

const firing = (options: ConstructorParameters<typeof Opossum>[1]): Wrap => (call) => {
  const circuit = new Opossum(call, { volumeThreshold: 20, ...options });
  return () => circuit.fire();
};

/** opossum is a breaker in everything it does: its deadline and its bulkhead are options of it. */
export const opossum = {
  deadline: (): Wrap => firing({ timeout: allowed }),
  bulkhead: (limit = room): Wrap => firing({ timeout: false, capacity: limit }),
  windowBreaker: (): Wrap => firing({ timeout: false }),
  open: (): Wrap => (call) => {
    const circuit = new Opossum(call, { timeout: false });
    circuit.open();
    return () => circuit.fire();
  },
  /** It does not retry, and its fallback would hide from a retry outside of it what failed: one loop for both. */
  stack: (): Wrap => (call) => {
    const fire = firing({ timeout: allowed, capacity: room })(call);
    return async () => {
      for (let tries = 0; tries < 4; tries += 1) {
        try {
          return await fire();
        } catch {
          // The next try, or the fallback.
        }
      }
      return 0;
    };
  },
};
