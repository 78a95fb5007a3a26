import { EMPTY, map, NEVER, of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  bulkhead, circuitBreaker, Deadline, fallbackTo, fallbackToLast, fallbackToValue, lastValues, resiliencePipeline, retryWithBackoff,
  standardPipeline, withDeadline,
} from 'rxjs-resilience';

/** One pair of names is reported once: each test has names of its own. */
let made = 0;
const named = (): { readonly name: string } => ({ name: `policy ${made++}` });

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const last = lastValues<number>({ maxAge: 1_000 });

describe('an order that cannot work is reported', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a fallback inside a retry', () => of(1).pipe(fallbackToValue(0, named()), retryWithBackoff(named())), /fallback 'policy \d+' stands inside the retry 'policy \d+'/],
    ['a fallback inside a breaker', () => of(1).pipe(fallbackTo(EMPTY, named()), circuitBreaker(named())), /stands inside the circuitBreaker/],
    ['a last value inside a breaker', () => of(1).pipe(fallbackToLast(last, 'key', named()), circuitBreaker(named())), /stands inside/],
    ['a fallback further inside', () => of(1).pipe(fallbackTo(EMPTY, named()), bulkhead(1), withDeadline(5), circuitBreaker(named())), /stands inside/],
    ['a retry around a retry', () => of(1).pipe(retryWithBackoff(named()), retryWithBackoff(named())), /stands directly around the retry/],
    ['a retry around a pipeline that has one', () => of(1).pipe(resiliencePipeline({ ...named(), retry: {} }), retryWithBackoff(named())), /stands directly around the retry/],
    ['a deadline as long as the outer one', () => of(1).pipe(withDeadline(5, named()), withDeadline(5, named())), /deadline 'policy \d+' is not shorter/],
    ['a longer deadline further inside', () => of(1).pipe(withDeadline(9, named()), bulkhead(1), withDeadline(5, named())), /is not shorter/],
    ['two to the first value', () => of(1).pipe(withDeadline({ within: 9, until: 'firstValue' }, named()), withDeadline({ within: 5, until: 'firstValue' }, named())), /is not shorter/],
  ])('%s', (_title, pipe, message) => {
    pipe();
    expect(console.warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(message));
  });

  it('once for a pair of names, however often it is piped, and with other policies of the same names', () => {
    const { name } = named();
    const retry = retryWithBackoff({ name });
    for (let i = 0; i < 100; i++) of(1).pipe(fallbackToValue(0, { name }), retry);
    of(1).pipe(fallbackToValue(0, { name }), retryWithBackoff({ name }));
    expect(console.warn).toHaveBeenCalledTimes(1);
    of(1).pipe(fallbackToValue(0, { name }), retryWithBackoff(named()));
    expect(console.warn).toHaveBeenCalledTimes(2);
  });
});

describe('nothing is reported', () => {
  it.each<[string, () => unknown]>([
    ['in the documented order', () => of(1).pipe(withDeadline(5), bulkhead(1), circuitBreaker(named()), retryWithBackoff(named()), withDeadline(9), fallbackToValue(0))],
    ['for one fallback after another', () => of(1).pipe(fallbackTo(EMPTY, named()), fallbackToValue(0, named()))],
    ['for a fallback that says what it answers', () => of(1).pipe(fallbackToValue(0, { ...named(), when: () => false }), retryWithBackoff(named()))],
    ['for a retry that is further around a retry', () => of(1).pipe(retryWithBackoff(named()), withDeadline(5), retryWithBackoff(named()))],
    ['behind an operator of somebody else', () => of(1).pipe(fallbackToValue(0, named()), map(String), retryWithBackoff(named()))],
    ['for a policy in shadow mode', () => of(1).pipe(fallbackToValue(0, { ...named(), mode: 'shadow' }), retryWithBackoff(named()))],
    ['for a policy that is disabled', () => of(1).pipe(retryWithBackoff(named()), retryWithBackoff({ ...named(), mode: 'disabled' }))],
    ['for a deadline of the whole inside one of the first value', () => of(1).pipe(withDeadline(9, named()), withDeadline({ within: 5, until: 'firstValue' }, named()))],
    ['for a share of what is left', () => of(1).pipe(withDeadline({ within: 9, share: 0.5 }, named()), withDeadline(5, named()))],
    ['for a deadline that was received', () => of(1).pipe(withDeadline(9, named()), withDeadline(Deadline.after(5), named()))],
    ['for a pipeline', () => of(1).pipe(resiliencePipeline({ ...named(), deadline: 9, attemptDeadline: 5, retry: {}, breaker: {}, fallback: () => EMPTY }))],
    ['for a preset', () => NEVER.pipe(standardPipeline({ ...named(), bulkhead: 1 }))],
  ])('%s', (_title, pipe) => {
    pipe();
    expect(console.warn).not.toHaveBeenCalled();
  });

  it('in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    of(1).pipe(retryWithBackoff(named()), retryWithBackoff(named()));
    expect(console.warn).not.toHaveBeenCalled();
  });

  it('for names that are made for each call, once two hundred pairs were remembered', () => {
    for (let i = 0; i < 1_000; i++) of(1).pipe(withDeadline(9, named()), withDeadline(5, named()));
    expect(vi.mocked(console.warn).mock.calls.length).toBeLessThanOrEqual(200);
  });
});
