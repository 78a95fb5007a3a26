import { NEVER, type Observable, of, throwError } from 'rxjs';
import {
  bulkhead, circuitBreaker, constant, fallbackToLast, fallbackToValue, fixedLimit, lastValues, loadShed, loadShedder, retryBudget,
  retryWithBackoff, withDeadline,
} from 'rxjs-resilience';

export type Same = <T>(source: Observable<T>) => Observable<T>;

const mode = 'shadow';
const busy = <P extends Same>(policy: P): P => {
  NEVER.pipe(policy).subscribe();
  return policy;
};
const fullShedder = (queue: number): ReturnType<typeof loadShedder> => {
  const shedder = loadShedder({ limit: fixedLimit(1), queue });
  busy(loadShed('critical', { shedder }) as Same);
  return shedder;
};
const kept = (): Same => {
  const last = lastValues<unknown>({ maxAge: Infinity });
  of('kept').pipe(fallbackToLast(last, 'key')).subscribe();
  return fallbackToLast(last, 'key', { mode }) as Same;
};
const isolated = (): Same => {
  const breaker = circuitBreaker({ mode });
  breaker.isolate();
  return breaker;
};
const empty = (): Same => {
  const retry = retryWithBackoff(constant(0), { mode, budget: retryBudget({ burst: 1, minPerSecond: 0, ratio: 0 }) });
  throwError(() => new Error('down')).pipe(retry).subscribe({ error: () => undefined });
  return retry;
};
const open = { mode, initialState: 'open' } as const;
const halfOpen = { mode, initialState: { state: 'half-open' } } as const;

/** Each in shadow mode, and in a state in which it would do something to the next call. */
export const shadows: Readonly<Record<string, () => Same>> = {
  'a breaker that is open': () => circuitBreaker(open),
  'a breaker that is half-open': () => circuitBreaker({ ...halfOpen, isFailureValue: (value) => value === 'b' }),
  'a breaker whose probe runs': () => busy(circuitBreaker(halfOpen)),
  'a breaker that opens': () => circuitBreaker({ mode, failureThreshold: 1, settleOn: 'firstValue', isFailureValue: () => true }),
  'a breaker that is isolated': isolated,
  'a bulkhead that is full': () => busy(bulkhead(1, 0, { mode, captureStacks: true })),
  'a bulkhead with room in its queue': () => busy(bulkhead(1, { size: 9, timeout: 1 }, { mode })),
  'a shedder that is full': () => loadShed('sheddable', { mode, shedder: fullShedder(0) }),
  'a shedder with room in its queue': () => loadShed('sheddable', { mode, shedder: fullShedder(9) }),
  'a shedder with a signal': () => loadShed(() => 'sheddable', { mode, shedder: loadShedder({ signals: [of(1)] }) }),
  'a deadline without time': () => withDeadline(0, { mode }),
  'a deadline of two milliseconds': () => withDeadline(2, { mode }),
  'a deadline for the first value': () => withDeadline({ within: 1, until: 'firstValue' }, { mode }),
  'a deadline that detaches': () => withDeadline({ within: 2, onExpire: 'detach' }, { mode }),
  'a deadline of the context': () => withDeadline({}, { mode }),
  'a deadline with a share of it': () => withDeadline({ share: 0.01 }, { mode }),
  'a retry': () => retryWithBackoff(constant(1), { mode }),
  'a retry at once': () => retryWithBackoff(constant(0), { mode, retryIfValue: (value) => value === 'b' }),
  'a retry that wraps': () => retryWithBackoff(constant(0), { mode, maxRetries: 0, exhausted: 'wrap' }),
  'a retry without a budget left': empty,
  'a fallback': () => fallbackToValue('instead', { mode, when: () => true }) as Same,
  'a fallback to the last value': kept,
};
