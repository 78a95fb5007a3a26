import { EMPTY, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  anyOf, attempt, bulkhead, circuitBreaker, constant, consecutiveFailures, Deadline, decorrelatedJitter, exponential, failureCount,
  failureRate, fallbackTo, fallbackToLast, fallbackToValue, fibonacci, fixedLimit, lastValues, linear, loadShed, loadShedder,
  retryBudget, retryWithBackoff, runInContext, slowCallRate, tokenBudget, vegasLimit, withDeadline,
} from 'rxjs-resilience';

type Make = (value: never) => unknown;

/** What is wrong for an option, by its kind: of another type, and out of its range. */
interface Kind {
  readonly types: readonly unknown[];
  readonly ranges: readonly unknown[];
  readonly good: readonly unknown[];
}

const notNumbers = ['5', null, true, {}, [1], 5n, () => 5];
const number = (min: number, max: number, ...ranges: readonly number[]): Kind => ({
  types: notNumbers,
  ranges: [NaN, -Infinity, -1, ...(max === Infinity ? [] : [Infinity]), ...ranges],
  good: [min, ...(max === Infinity ? [Infinity] : [])],
});
const zero = number(0, 1);
const zeroOrEndless = number(0, Infinity);
const above = (good: number): Kind => number(good, 1, 0);
const share = number(0.5, 1, 0, 1.01);
const whole = (min: number, ...ranges: readonly number[]): Kind => number(min, 1, min - 1, 1.5, ...ranges);
const wholeOrEndless: Kind = number(0, Infinity, 1.5);
const callback: Kind = { types: [5, 'yes', null, {}, true], ranges: [], good: [() => undefined] };
const flag: Kind = { types: [1, 0, 'true', null, {}], ranges: [], good: [true, false] };
const oneOf = (...good: readonly string[]): Kind => ({ types: [1, null, true, {}], ranges: ['', 'none of these'], good });
const jitter: Kind = { types: [5, null, true, []], ranges: ['half'], good: ['none', 'full', 'equal', 'proportional', { proportional: 0 }] };

type Row = readonly [factory: string, option: string, kind: Kind, make: Make];
/** Rows of a factory that takes its options as one object. */
function rows(factory: string, make: (options: never) => unknown, kinds: Readonly<Record<string, Kind>>, others: object = {}): Row[] {
  return Object.entries(kinds).map(([option, kind]) => [factory, option, kind, (value) => make({ ...others, [option]: value } as never)]);
}

const scheduler: Kind = { types: [5, 'async', null, {}, { now: () => 0 }, { schedule: () => 0 }], ranges: [], good: [] };
const common: Record<string, Kind> = {
  name: { types: [5, null, true, ''], ranges: [], good: ['catalog'] },
  mode: oneOf('enforce', 'shadow', 'disabled'),
  required: flag,
  scheduler,
  random: callback,
};
const breaker: Record<string, Kind> = {
  trip: { types: [5, null, 'all', {}, () => true], ranges: [], good: [consecutiveFailures(1)] },
  failureThreshold: whole(1),
  breakDuration: { ...zero, types: ['5', null, true, {}] },
  maxBreakDuration: zero,
  successThreshold: whole(1),
  maxProbes: whole(1),
  probeTimeout: zeroOrEndless,
  hungAfter: zero,
  classify: callback,
  isFailureValue: callback,
  isValue: callback,
  settleOn: oneOf('complete', 'firstValue'),
  captureStacks: flag,
};
const retry: Record<string, Kind> = {
  backoff: { types: [5, null, 'full', {}], ranges: [], good: [exponential()] },
  maxRetries: wholeOrEndless,
  retryIf: callback,
  retryIfValue: callback,
  classify: callback,
  isValue: callback,
  retryAfter: flag,
  maxRetryAfter: zero,
  budget: { types: [5, null, true, {}, 'none'], ranges: [], good: [false, retryBudget()] },
  afterValue: oneOf('resubscribe', 'fail'),
  resetOnValue: flag,
  exhausted: oneOf('rethrow', 'wrap'),
};
const deadline: Record<string, Kind> = { within: zero, share, reserve: zero };
const fallback: Record<string, Kind> = { when: callback, classify: callback };
const shedQueue: Record<string, Kind> = { 'queue.size': whole(0), 'queue.timeout': zeroOrEndless };
const queue: Record<string, Kind> = { ...shedQueue, 'queue.order': oneOf('fifo', 'lifo', 'adaptive-lifo', 'priority') };
const last = lastValues({ maxAge: 1_000 });

/** The options of a queue, `queue.timeout` as `{ size: 1, timeout }`. */
function queued(factory: string, make: (queue: never) => unknown, kinds: Readonly<Record<string, Kind>>): Row[] {
  return Object.entries(kinds).map(([option, kind]) => [
    factory, option, kind, (value) => make({ size: 1, [option.slice('queue.'.length)]: value } as never),
  ]);
}

const window = { calls: 10 };
const table: readonly Row[] = [
  ...rows('circuitBreaker', circuitBreaker, { ...common, ...breaker }),
  ['circuitBreaker', 'initialState', { types: [5, null, true, []], ranges: ['half-open', 'shut'], good: ['open', 'closed'] }, (initialState) => circuitBreaker({ initialState })],
  ['circuitBreaker', 'initialState.state', oneOf('closed', 'open', 'half-open', 'isolated'), (state) => circuitBreaker({ initialState: { state } })],
  ['circuitBreaker', 'initialState.remaining', zero, (remaining) => circuitBreaker({ initialState: { state: 'open', remaining } })],
  ['circuitBreaker', 'initialState.openings', whole(0), (openings) => circuitBreaker({ initialState: { state: 'open', openings } })],
  ...rows('retryWithBackoff', retryWithBackoff, { ...common, ...retry }),
  ...rows('retryWithBackoff(strategy)', (options) => retryWithBackoff(constant(0), options), { ...common, maxRetries: wholeOrEndless }),
  ...rows('bulkhead', (options) => bulkhead(1, 0, options), { ...common, captureStacks: flag }),
  ['bulkhead', 'maxConcurrent', whole(1), (value) => bulkhead(value)],
  ['bulkhead', 'queue', { ...whole(0), types: ['5', null, true, [1]] }, (value) => bulkhead(1, value)],
  ...queued('bulkhead', (value) => bulkhead(1, value), queue),
  ...rows('withDeadline', (options) => withDeadline(1, options), common),
  ['withDeadline', 'within', { ...zero, types: [] }, (value) => withDeadline(value)],
  ...rows('withDeadline', withDeadline, {
    ...deadline, onExpire: oneOf('cancel', 'detach'), until: oneOf('complete', 'firstValue'), isValue: callback,
  }),
  ...rows('fallbackTo', (options) => fallbackTo(EMPTY, options), { ...common, ...fallback }),
  ['fallbackTo', 'source', { types: [5, 'text', [1, 2], null, undefined, {}], ranges: [], good: [EMPTY, () => EMPTY] }, (value) => fallbackTo(value)],
  ...rows('fallbackToValue', (options) => fallbackToValue(0, options), { ...common, ...fallback }),
  ...rows('fallbackToLast', fallbackToLast, { ...common, ...fallback }, { maxAge: 1 }),
  ...rows('fallbackToLast', fallbackToLast, { maxAge: { ...above(1), ranges: [0, -1, NaN] } }),
  ...rows('fallbackToLast(last, key)', (options) => fallbackToLast(last, 'key', options), { ...common, ...fallback }),
  ...rows('lastValues', lastValues, { maxKeys: whole(1) }, { maxAge: 1 }),
  ...rows('lastValues', lastValues, { maxAge: { ...above(1), ranges: [0, -1, NaN] } }),
  ...rows('loadShed', (options) => loadShed('critical', options), {
    ...common, isValue: callback, captureStacks: flag, shedder: { types: [5, {}, 'process'], ranges: [], good: [loadShedder()] },
  }),
  ['loadShed', 'priority', oneOf('criticalPlus', 'critical', 'sheddablePlus', 'sheddable'), (value) => loadShed(value)],
  ...rows('loadShedder', loadShedder, {
    limit: { types: [5, null, {}, 'vegas'], ranges: [], good: [fixedLimit(1)] },
    queue: { ...whole(0), types: ['5', null, true, [1]] },
    signals: { types: [5, null, of(1), [1]], ranges: [], good: [[], [of(1)]] },
    shares: { types: [5, null, [1]], ranges: [], good: [{}] },
    ceilings: { types: [5, null, [1]], ranges: [], good: [{}] },
    name: common['name']!,
    scheduler,
  }),
  ...queued('loadShedder', (value) => loadShedder({ queue: value }), shedQueue),
  ['loadShedder', 'shares.sheddable', share, (sheddable) => loadShedder({ shares: { sheddable } })],
  ['loadShedder', 'ceilings.sheddable', number(0, Infinity), (sheddable) => loadShedder({ ceilings: { critical: Infinity, sheddablePlus: Infinity, sheddable } })],
  ['constant', 'ms', zero, (value) => constant(value)],
  ...rows('exponential', exponential, { initial: zero, cap: zeroOrEndless, jitter, factor: number(1, 1, 0.9) }),
  ...rows('linear', linear, { initial: zero, cap: zeroOrEndless, jitter, step: zero }),
  ...rows('fibonacci', fibonacci, { initial: zero, cap: zeroOrEndless, jitter }),
  ['exponential', 'jitter.proportional', number(0, 1, 1.01), (proportional) => exponential({ jitter: { proportional } })],
  ...rows('decorrelatedJitter', decorrelatedJitter, { base: zero, cap: number(200, Infinity, 199) }),
  ...rows('retryBudget', retryBudget, { ratio: number(0, 1, 10.1), minPerSecond: zero, burst: zero, window: number(1, 1, 0) }),
  ...rows('tokenBudget', tokenBudget, { maxTokens: number(1_000, 1, 0, 1_000.1) }, { tokenRatio: 0.1 }),
  ...rows('tokenBudget', tokenBudget, { tokenRatio: number(0.001, 1, 0, 0.0009) }, { maxTokens: 10 }),
  ['consecutiveFailures', 'failures', whole(1), (value) => consecutiveFailures(value)],
  ['consecutiveFailures', 'over', zero, (over) => consecutiveFailures(1, { over })],
  ...rows('failureCount', failureCount, { failures: whole(1, 11) }, { window }),
  ...rows('failureRate', failureRate, { threshold: share }, { window }),
  ...rows('failureRate', failureRate, { minimumCalls: whole(1, 11) }, { window, threshold: 1 }),
  ...rows('slowCallRate', slowCallRate, { slowerThan: above(1) }, { window, threshold: 1 }),
  ...rows('slowCallRate', slowCallRate, { threshold: share }, { window, slowerThan: 1 }),
  ...rows('slowCallRate', slowCallRate, { minimumCalls: whole(1, 11) }, { window, threshold: 1, slowerThan: 1 }),
  ...rows('failureRate', failureRate, { window: { types: [5, null, {}, { calls: 1, time: 1 }, { calls: 1, buckets: 1 }], ranges: [], good: [{ calls: 1 }, { time: 1 }] } }, { threshold: 1 }),
  ['failureRate', 'window.calls', whole(1, 1_000_001), (calls) => failureRate({ threshold: 1, window: { calls } })],
  ['failureRate', 'window.time', number(1, 1, 0), (time) => failureRate({ threshold: 1, window: { time } })],
  ['failureRate', 'window.buckets', whole(1, 1_001), (buckets) => failureRate({ threshold: 1, window: { time: 1_000, buckets } })],
  ['anyOf', 'rules[1]', { types: [5, null, {}, 'all', undefined], ranges: [], good: [consecutiveFailures(1)] }, (rule) => anyOf(consecutiveFailures(1), rule)],
  ['fixedLimit', 'limit', whole(1), (value) => fixedLimit(value)],
  ...rows('vegasLimit', vegasLimit, { initial: whole(1, 1_001), min: whole(1), max: whole(1), random: callback }),
  ['Deadline.after', 'ms', zero, (value) => Deadline.after(value)],
  ['Deadline.at', 'epochMs', { types: notNumbers, ranges: [NaN, Infinity, -Infinity], good: [0, -1] }, (value) => Deadline.at(value)],
  ['Deadline.child', 'share', share, (value) => Deadline.after(1).child({ share: value })],
  ['Deadline.child', 'cap', zero, (cap) => Deadline.after(1).child({ cap })],
  ['Deadline.child', 'reserve', zero, (reserve) => Deadline.after(1).child({ reserve })],
  ['attempt', 'make', callback, (value) => attempt(value)],
  ['runInContext', 'context.priority', oneOf('critical', 'sheddable'), (priority) => runInContext({ priority }, () => 0)],
];

/** A part of the value as the message must show it. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'function';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' && value !== null ? 'object' : String(value);
}

function thrownBy(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

describe.each(table)('%s: %s', (_factory, option, { types, ranges, good }, make) => {
  it.each(types.map((value) => [value]))('refuses the type of %o', (value) => {
    const error = thrownBy(() => make(value as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(error?.message).toContain(option);
    if (typeof value !== 'object' || value === null) expect(error?.message).toContain(shown(value));
  });

  it.each(ranges.map((value) => [value]))('refuses %o as out of range, and says what is allowed', (value) => {
    const error = thrownBy(() => make(value as never));
    expect(error).toBeInstanceOf(RangeError);
    expect(error?.message).toContain(option);
    expect(error?.message).toContain(shown(value));
    expect(error?.message).toMatch(/must (not )?be /);
  });

  it.each(good.map((value) => [value]))('takes %o', (value) => {
    expect(thrownBy(() => make(value as never))).toBeUndefined();
  });
});

const unknown = { nosuch: 1 } as never;
it.each<[string, () => unknown]>([
  ['circuitBreaker', () => circuitBreaker(unknown)],
  ['retryWithBackoff', () => retryWithBackoff(unknown)],
  ['retryWithBackoff(strategy)', () => retryWithBackoff(constant(0), unknown)],
  ['bulkhead', () => bulkhead(1, 0, unknown)],
  ['bulkhead queue', () => bulkhead(1, { size: 1, nosuch: 1 } as never)],
  ['withDeadline', () => withDeadline(1, unknown)],
  ['withDeadline setting', () => withDeadline(unknown)],
  ['fallbackTo', () => fallbackTo(EMPTY, unknown)],
  ['fallbackToValue', () => fallbackToValue(1, unknown)],
  ['fallbackToLast', () => fallbackToLast({ maxAge: 1, nosuch: 1 } as never)],
  ['fallbackToLast(last, key)', () => fallbackToLast(last, 'key', unknown)],
  ['lastValues', () => lastValues({ maxAge: 1, nosuch: 1 } as never)],
  ['loadShed', () => loadShed('critical', unknown)],
  ['loadShedder', () => loadShedder(unknown)],
  ['shares', () => loadShedder({ shares: unknown })],
  ['ceilings', () => loadShedder({ ceilings: unknown })],
  ['exponential', () => exponential(unknown)],
  ['linear', () => linear(unknown)],
  ['fibonacci', () => fibonacci(unknown)],
  ['decorrelatedJitter', () => decorrelatedJitter(unknown)],
  ['retryBudget', () => retryBudget(unknown)],
  ['tokenBudget', () => tokenBudget({ maxTokens: 1, tokenRatio: 1, nosuch: 1 } as never)],
  ['consecutiveFailures', () => consecutiveFailures(1, unknown)],
  ['failureCount', () => failureCount({ failures: 1, window, nosuch: 1 } as never)],
  ['failureRate', () => failureRate({ threshold: 1, window, nosuch: 1 } as never)],
  ['slowCallRate', () => slowCallRate({ threshold: 1, slowerThan: 1, window, nosuch: 1 } as never)],
  ['vegasLimit', () => vegasLimit(unknown)],
  ['child', () => Deadline.after(1).child(unknown)],
  ['runInContext', () => runInContext(unknown, () => 0)],
])('%s refuses an option that it does not know, by its name', (_factory, make) => {
  const error = thrownBy(make);
  expect(error).toBeInstanceOf(TypeError);
  expect(error?.message).toContain("'nosuch'");
});

it.each<[string, () => { update(options: never): void; readonly mode: string; metrics(): object }, Record<string, Kind>]>([
  ['circuitBreaker', () => circuitBreaker({ isValue: () => true }), breaker],
  ['retryWithBackoff', () => retryWithBackoff({ isValue: () => true }), retry],
  ['bulkhead', () => bulkhead(3, 2), { maxConcurrent: whole(1), queue: { ...whole(0), types: ['5', null] }, captureStacks: flag }],
  ['withDeadline', () => withDeadline(1), deadline],
  ['fallbackTo', () => fallbackTo(EMPTY), fallback],
  ['fallbackToValue', () => fallbackToValue(1), fallback],
  ['fallbackToLast', () => fallbackToLast({ maxAge: 1 }), fallback],
  ['loadShed', () => loadShed('critical'), { priority: oneOf('critical'), captureStacks: flag }],
])('%s refuses an update as it refuses options, and then changes nothing', (_factory, make, kinds) => {
  const all: Record<string, Kind> = { ...kinds, mode: common['mode']!, required: flag };
  for (const [option, { types, ranges, good }] of Object.entries(all)) {
    for (const value of [...types, ...ranges]) {
      const policy = make();
      const before = { ...policy, mode: policy.mode, ...policy.metrics() };
      // A good option beside the bad one must not be taken either.
      const update = { mode: 'shadow', [option]: value };
      const error = thrownBy(() => policy.update(update as never));
      expect(error, `${option}: ${shown(value)}`).toBeInstanceOf(types.includes(value) ? TypeError : RangeError);
      expect(error?.message).toContain(option);
      expect({ ...policy, mode: policy.mode, ...policy.metrics() }).toStrictEqual(before);
    }
    for (const value of good) expect(thrownBy(() => make().update({ [option]: value } as never)), option).toBeUndefined();
  }
  expect(thrownBy(() => make().update(unknown))?.message).toContain("'nosuch'");
  expect(thrownBy(() => make().update({ name: 'other' } as never))?.message).toContain("'name'");
});

it('takes 0 as a value, not as the default', () => {
  const error = new Error('down');
  let tries = 0;
  const failing = attempt(() => {
    tries++;
    throw error;
  });
  failing.pipe(retryWithBackoff(constant(0), { maxRetries: 0 })).subscribe({ error: () => undefined });
  expect(tries).toBe(1);
  expect(bulkhead(1, 0).capacity).toBe(0);
  expect(exponential({ initial: 0 })({ attempt: 3, previousDelay: 0, error, random: () => 0.5 })).toBe(0);
  expect(exponential({ cap: 0 })({ attempt: 3, previousDelay: 0, error, random: () => 0.5 })).toBe(0);
  expect(retryBudget({ burst: 0, minPerSecond: 0, ratio: 0 }).take(0)).toBe(false);
  expect(Deadline.after(0).isExpired()).toBe(true);
});

it('gives one of trip and failureThreshold', () => {
  expect(() => circuitBreaker({ trip: consecutiveFailures(1), failureThreshold: 1 })).toThrow(TypeError);
});

it('says why a number is no strategy', () => {
  expect(() => retryWithBackoff(3 as never)).toThrow(/constant|maxRetries/);
  expect(() => retryWithBackoff(3 as never)).toThrow(TypeError);
});
