import { throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import { bulkhead, BulkheadFullError, circuitBreaker, CircuitOpenError, LoadShedError, RetryExhaustedError } from '../../src/index.js';
import { resilienceErrors, toHttpResponse } from '../../src/node/index.js';
import { thrownBy } from '../thrown.js';

const open = (retryAfter?: number): CircuitOpenError =>
  new CircuitOpenError('secret-db', { reason: 'open', ...(retryAfter !== undefined && { retryAfter }) } as never, 0, new Error('password=hunter2'));
const facts = { started: true, budget: 10, shortened: false, stalled: false, hungAfter: 5, ran: 10 };
const late = new DeadlineExceededError('secret-db', facts);
const wrapped = (cause: unknown): RetryExhaustedError => new RetryExhaustedError('secret-db', 3, 'attempts', cause);
const later = (code: string, retryAfter?: number): object =>
  Object.assign(Object.create({ '~resilience': true, '~rejected': true }), { code, retryAfter });
const circle = new Error('round') as Error & { cause: unknown };
circle.cause = circle;
const hostile = Object.defineProperty({}, 'cause', { get: () => { throw new Error('no'); } });

describe('toHttpResponse', () => {
  it.each<[string, unknown, number, string | undefined]>([
    ['an open circuit', open(1_500), 503, '2'],
    ['an open circuit for a whole second', open(1_000), 503, '1'],
    ['an open circuit for a moment', open(1), 503, '1'],
    ['a circuit whose time is over', open(0), 503, '0'],
    ['a circuit held by hand', open(), 503, '1'],
    ['a wait without end', open(Infinity), 503, '1'],
    ['a wait that is none', open(NaN), 503, '1'],
    ['a full bulkhead', new BulkheadFullError('p', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 }), 503, '1'],
    ['shed load', new LoadShedError('p', 'full', 'sheddable', 1), 503, '1'],
    ['a deadline', late, 504, undefined],
    ['a deadline that left no time to start', new DeadlineExceededError('p', { ...facts, started: false }), 504, undefined],
    ['a limit of the rate', later('RATE_LIMITED', 2_001), 429, '3'],
    ['a throttle', later('THROTTLED', 5), 429, '1'],
    ['a throttle that knows no time', later('THROTTLED'), 429, '1'],
    ['a refusal to come', later('NOT_YET_INVENTED', 5), 503, '1'],
    ['retries exhausted by an open circuit', wrapped(open(2_000)), 503, '2'],
    ['retries exhausted by a deadline', wrapped(late), 504, undefined],
    ['retries exhausted by a foreign error', wrapped(new Error('x')), 500, undefined],
    ['what an open circuit caused', new Error('outer', { cause: open(3_000) }), 503, '3'],
    ['a circuit that a deadline opened', new CircuitOpenError('p', { reason: 'open', retryAfter: 1 } as never, 0, late), 503, '1'],
    ['a foreign error', Object.assign(new Error('x'), { retryAfter: 5_000, status: 503 }), 500, undefined],
    ['an error that is its own cause', circle, 500, undefined],
    ['an error whose cause cannot be read', hostile, 500, undefined],
    ['undefined', undefined, 500, undefined],
    ['null', null, 500, undefined],
    ['a string', 'CIRCUIT_OPEN', 500, undefined],
  ])('%s', (_title, error, status, retryAfter) => {
    const response = toHttpResponse(error);
    expect(response.status).toBe(status);
    expect(response.headers).toStrictEqual(retryAfter === undefined ? {} : { 'Retry-After': retryAfter });
    expect(JSON.stringify(response)).not.toMatch(/secret|hunter2|round|Exceeded|Exhausted|CIRCUIT/);
    expect(Object.keys(response.body)).toStrictEqual(retryAfter === undefined ? ['error'] : ['error', 'retryAfter']);
  });

  it('has the same seconds in its body as in its header', () => {
    expect(toHttpResponse(open(1_500.2))).toStrictEqual({
      status: 503, headers: { 'Retry-After': '2' }, body: { error: 'Service Unavailable', retryAfter: 2 },
    });
  });

  it.each<[number | undefined, string]>([[undefined, '1'], [0, '0'], [1, '1'], [5_000, '5'], [5_001, '6']])(
    'says %s ms, in seconds, where a refusal knows no time',
    (retryAfter, expected) => {
      for (const refusal of [open(), open(NaN), wrapped(open()), later('THROTTLED')]) {
        expect(toHttpResponse(refusal, { retryAfter }).headers['Retry-After']).toBe(expected);
      }
      expect(toHttpResponse(open(2_500), { retryAfter }).headers['Retry-After']).toBe('3');
      expect(toHttpResponse(open(0), { retryAfter }).headers['Retry-After']).toBe('0');
      for (const other of [late, new Error('x'), undefined]) expect(toHttpResponse(other, { retryAfter }).headers).toStrictEqual({});
    },
  );

  it.each<[unknown, RegExp]>([
    [{ retryAfter: -1 }, /^RangeError: \w+: retryAfter must be/], [{ retryAfter: NaN }, /^RangeError: \w+: retryAfter/], [{ retryAfter: Infinity }, /^RangeError: \w+: retryAfter/],
    [{ retryAfter: '5' }, /^TypeError: \w+: retryAfter/], [{ retryafter: 5 }, /^TypeError: \w+ has no option 'retryafter'; did you mean 'retryAfter'/], [5, /^TypeError: \w+: options must be an object/],
  ])('refuses the options %o, whatever stands on it', (options, message) => {
    for (const make of [() => toHttpResponse(open(), options as object), () => resilienceErrors(options as object)]) {
      expect(String(thrownBy(make))).toMatch(message);
    }
  });

  it('answers what real policies throw', () => {
    const catalog = circuitBreaker({ failureThreshold: 1, breakDuration: 4_200 });
    const pool = bulkhead(1);
    const errors: unknown[] = [];
    for (let i = 0; i < 2; i++) throwError(() => new Error('x')).pipe(pool, catalog).subscribe({ error: (error) => errors.push(error) });
    expect(errors.map((error) => toHttpResponse(error).status)).toStrictEqual([500, 503]);
    expect(toHttpResponse(errors[1]).headers['Retry-After']).toBe('5');
  });
});
