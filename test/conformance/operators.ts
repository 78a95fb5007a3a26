import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { fallbackToValue } from '../../src/fallback/fallback-to.js';
import { fallbackToLast } from '../../src/fallback/fallback-to-last.js';
import { lastValues } from '../../src/fallback/last-values.js';
import { loadShed } from '../../src/load-shed/load-shed.js';
import { loadShedder } from '../../src/load-shed/load-shedder.js';
import { detachContext } from '../../src/operator/context.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';
import type { Same } from './behaviours.js';

/** An error that says something else, so that fallbacks and retries have nothing to do with it. */
const nothing = { when: () => false };
const off = { mode: 'disabled' } as const;
const shadow = { mode: 'shadow' } as const;

const retryNothing = { retryIf: () => false };
const wide = (): ReturnType<typeof loadShedder> => loadShedder();

/** Every operator of ours, with nothing to do. */
export const operators: Readonly<Record<string, () => Same>> = {
  'circuitBreaker()': () => circuitBreaker() as Same,
  'circuitBreaker({ settleOn })': () => circuitBreaker({ settleOn: 'firstValue', isFailureValue: () => false }) as Same,
  'circuitBreaker({ mode: shadow })': () => circuitBreaker(shadow) as Same,
  'circuitBreaker({ mode: disabled })': () => circuitBreaker(off) as Same,
  'retryWithBackoff()': () => retryWithBackoff(retryNothing) as Same,
  'retryWithBackoff({ retryIfValue })': () => retryWithBackoff({ ...retryNothing, retryIfValue: () => false }) as Same,
  'retryWithBackoff({ mode: disabled })': () => retryWithBackoff(off) as Same,
  'bulkhead(10)': () => bulkhead(10) as Same,
  'bulkhead(10, 10)': () => bulkhead(10, 10) as Same,
  'bulkhead(10, { mode: shadow })': () => bulkhead(10, 0, shadow) as Same,
  'bulkhead(10, { mode: disabled })': () => bulkhead(10, 0, off) as Same,
  'withDeadline()': () => withDeadline() as Same,
  'withDeadline(1e6)': () => withDeadline(1_000_000) as Same,
  'withDeadline({ until })': () => withDeadline({ within: 1_000_000, until: 'firstValue', isValue: () => true }) as Same,
  'withDeadline({ onExpire })': () => withDeadline({ within: 1_000_000, onExpire: 'detach' }) as Same,
  'fallbackToValue()': () => fallbackToValue(0, nothing) as Same,
  'fallbackToLast()': () => fallbackToLast({ maxAge: 1_000, ...nothing }) as Same,
  'fallbackToLast(key)': () => fallbackToLast(lastValues({ maxAge: 1_000 }), 'key', nothing) as Same,
  'loadShed()': () => loadShed('critical', { shedder: wide() }) as Same,
  'loadShed({ isValue })': () => loadShed(() => 'sheddable', { shedder: wide(), isValue: () => true }) as Same,
  'detachContext()': () => detachContext(),
  'all six': () => {
    const policies = [
      withDeadline(1_000_000),
      bulkhead(10, 10),
      circuitBreaker(),
      retryWithBackoff(retryNothing),
      loadShed('critical', { shedder: wide() }),
      fallbackToValue(0, nothing),
    ] as unknown as readonly Same[];
    return (source) => policies.reduce((piped, policy) => piped.pipe(policy), source);
  },
};
