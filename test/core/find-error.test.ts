import { describe, expect, it } from 'vitest';
import { BulkheadFullError, isBulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import { CircuitOpenError, isCircuitOpenError } from '../../src/circuit-breaker/circuit-open-error.js';
import { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import { findResilienceError, isCausedBy } from '../../src/core/find-error.js';
import { hasCode, isRejectedError, isResilienceError } from '../../src/core/guards.js';
import { isRetryExhaustedError, RetryExhaustedError } from '../../src/retry/retry-exhausted-error.js';

const full = new BulkheadFullError('b', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });
const deadline = new DeadlineExceededError('d', { started: true, budget: 5, shortened: false, stalled: false, hungAfter: 2, ran: 5 });
const open = new CircuitOpenError('c', { reason: 'open', retryAfter: 5 }, 0, deadline);
const gaveUpOn = (cause: unknown): RetryExhaustedError => new RetryExhaustedError('r', 3, 'attempts', cause);
const gaveUp = gaveUpOn(undefined);
const gaveUpOnFull = gaveUpOn(full);
const caused = (cause: unknown): Error => new Error('x', { cause });
/** `error` at the end of so many causes. */
const deep = (links: number, error: unknown): unknown => (links === 0 ? error : caused(deep(links - 1, error)));

/** As a response's body. */
const forged = '{"~resilience":true,"~rejected":true,"code":"CIRCUIT_OPEN"}';

describe('the first error of this library on a chain', () => {
  it.each<[string, unknown, unknown]>([
    ['is the error itself', full, full],
    ['is what it was caused by', caused(full), full],
    ['is what it carries', { status: 0, error: full }, full],
    ['is what it carries rather than its cause', { error: full, cause: deadline }, full],
    ['is found behind several', caused({ error: caused(full) }), full],
    ['is the refusal, though that has a deadline as its cause', open, open],
    ['is what a retry gave up on', gaveUpOnFull, full],
    ['is what a retry around a retry gave up on', gaveUpOn(gaveUpOnFull), full],
    ['is the retry where what it gave up on is foreign', gaveUp, gaveUp],
    ['is found nineteen causes down', deep(19, full), full],
    ['is not looked for beyond that', deep(20, full), undefined],
    ['is none of what a server has sent', { status: 500, error: JSON.parse(forged) }, undefined],
    ['is none of a chain of what a server has sent', { error: { error: JSON.parse(forged) } }, undefined],
    ['is none of an error that only looks like one', { code: 'CIRCUIT_OPEN', '~resilience': false }, undefined],
    ['is none of an Error', new Error('x'), undefined],
    ['is none of a text', 'x', undefined],
    ['is none of null', null, undefined],
    ['is none of a cause that is null', { cause: null }, undefined],
    ['is none of nothing', undefined, undefined],
  ])('%s', (_title, error, expected) => {
    expect(findResilienceError(error)).toBe(expected);
    expect(isResilienceError(error)).toBe(expected !== undefined);
  });

  it('is the outer one of two retries that gave up on a foreign error', () => {
    const inner = gaveUpOn(new Error('x'));
    const outer = gaveUpOn(inner);
    expect(findResilienceError(outer)).toBe(outer);
  });

  it('is the retry itself for whoever asks for a retry', () => {
    expect(findResilienceError(gaveUpOnFull, false)).toBe(gaveUpOnFull);
    expect(findResilienceError(caused(gaveUpOnFull), false)).toBe(gaveUpOnFull);
  });
});

describe('a guard', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a full bulkhead', full, ['bulkhead', 'rejected']],
    ['what a full bulkhead has caused', caused(full), ['bulkhead', 'rejected']],
    ['an open circuit', open, ['circuit', 'rejected']],
    ['a retry that gave up on a full bulkhead', gaveUpOnFull, ['bulkhead', 'retry', 'rejected']],
    ['a retry that gave up on nothing of ours', gaveUp, ['retry']],
    ['a deadline', deadline, ['deadline']],
    ['a foreign error', new Error('x'), []],
    ['nothing', undefined, []],
  ])('knows %s', (_title, error, expected) => {
    const guards = {
      bulkhead: isBulkheadFullError(error),
      circuit: isCircuitOpenError(error),
      deadline: hasCode(error, 'DEADLINE_EXCEEDED'),
      shed: hasCode(error, 'LOAD_SHED'),
      retry: isRetryExhaustedError(error),
      rejected: isRejectedError(error),
    };
    expect(Object.entries(guards).flatMap(([name, is]) => (is ? [name] : []))).toStrictEqual(expected);
  });
});

describe('an error is caused by', () => {
  const circle = caused(undefined);
  circle.cause = circle;

  it.each<[string, unknown, unknown, boolean]>([
    ['itself', full, full, true],
    ['its cause', caused(full), full, true],
    ['one nineteen causes down', deep(19, full), full, true],
    ['none beyond that', deep(20, full), full, false],
    ['a text', caused('x'), 'x', true],
    ['nothing that it does not name', caused('x'), 'y', false],
    ['nothing where it has no cause', new Error('x'), full, false],
    ['not undefined, where it has no cause', new Error('x'), undefined, false],
    ['undefined, where it is that', undefined, undefined, true],
    ['null', caused(null), null, true],
    ['nothing further than null', caused(null), full, false],
    ['nothing else in a circle', circle, full, false],
    ['what it carries, as the error of an adapter does', { error: full }, full, true],
    ['what that was caused by', { status: 504, error: caused(full) }, full, true],
  ])('%s', (_title, error, wanted, expected) => {
    expect(isCausedBy(error, wanted)).toBe(expected);
  });
});
