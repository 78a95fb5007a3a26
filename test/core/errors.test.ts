import { afterEach, describe, expect, it } from 'vitest';
import { BulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import { CircuitOpenError } from '../../src/circuit-breaker/circuit-open-error.js';
import { DeadlineExceededError, type DeadlineFacts } from '../../src/core/deadline-exceeded-error.js';
import { stackless } from '../../src/core/stackless.js';
import { RetryExhaustedError } from '../../src/retry/retry-exhausted-error.js';

const facts: DeadlineFacts = { started: true, budget: 5, shortened: true, stalled: false, hungAfter: 2, ran: 6 };
const deadline = (some: Partial<DeadlineFacts> = {}): DeadlineExceededError => new DeadlineExceededError('search', { ...facts, ...some });
const full = new BulkheadFullError('search', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });

describe('an error of this library', () => {
  it.each<[string, Error]>([
    ['DeadlineExceededError: search: not finished within 5 ms', deadline()],
    ['DeadlineExceededError: search: not finished within 33.3 ms', deadline({ budget: 100 / 3 })],
    ['DeadlineExceededError: search: not finished within 0 ms', deadline({ budget: 0.04 })],
    ['DeadlineExceededError: search: no time was left to start, -2.1 ms of it', deadline({ started: false, budget: -2.06 })],
    ['BulkheadFullError: search: full, 1 of 1 running, 0 of 0 waiting', full],
  ])('says %s', (text, error) => {
    expect(String(error)).toBe(text);
  });

  it('names its policy, and is an Error', () => {
    expect([full.policy, full.code, full instanceof Error]).toStrictEqual(['search', 'BULKHEAD_FULL', true]);
  });

  it('has a cause where there is one, and none otherwise', () => {
    const cause = new Error('x');
    expect(new RetryExhaustedError('r', 2, 'attempts', cause).cause).toBe(cause);
    expect('cause' in new RetryExhaustedError('r', 2, 'attempts', undefined)).toBe(false);
    expect('cause' in full).toBe(false);
  });

  it('shows when another try can make sense, and nothing where nobody knows', () => {
    const refusedFor = (retryAfter: number | undefined): CircuitOpenError => new CircuitOpenError('c', { reason: 'open', retryAfter }, 0, undefined);
    expect(refusedFor(5).retryAfter).toBe(5);
    expect(refusedFor(0).retryAfter).toBe(0);
    expect('retryAfter' in refusedFor(undefined)).toBe(false);
  });

  it('carries brands that cannot be seen in it', () => {
    expect([full['~resilience'], full['~rejected'], deadline()['~resilience']]).toStrictEqual([true, true, true]);
    expect('~rejected' in deadline()).toBe(false);
    expect(Object.keys(full).filter((key) => key.startsWith('~'))).toStrictEqual([]);
  });
});

describe('a DeadlineExceededError', () => {
  it('shows to a log what its reader needs, and tells breakers the rest', () => {
    const error = deadline();
    expect({ ...error }).toStrictEqual({
      name: 'DeadlineExceededError', code: 'DEADLINE_EXCEEDED', policy: 'search',
      started: true, budget: 5, shortened: true, stalled: false,
    });
    expect([error.hungAfter, error.ran]).toStrictEqual([2, 6]);
  });
});

describe('an error made without a stack', () => {
  const { stackTraceLimit } = Error;
  afterEach(() => {
    Object.defineProperty(Error, 'stackTraceLimit', { value: stackTraceLimit, writable: true, configurable: true, enumerable: true });
  });
  const frames = (error: Error): number => (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).length;
  const make = (): Error => new Error('x');

  it('has none, and those made after it have theirs', () => {
    expect(frames(stackless(false, make))).toBe(0);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(frames(make())).toBeGreaterThan(0);
  });

  it('has one where that was asked for', () => {
    expect(frames(stackless(true, make))).toBeGreaterThan(0);
  });

  it('leaves the limit as it was also where making it throws', () => {
    const thrower = (): Error => {
      throw new Error('no');
    };
    expect(() => stackless(false, thrower)).toThrow('no');
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  it('has one where a frozen realm does not let the limit be written', () => {
    Object.defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false });
    expect(frames(stackless(false, make))).toBeGreaterThan(0);
  });
});
