import { EMPTY, of, throwError } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  bulkhead, circuitBreaker, combineHealth, consecutiveFailures, constant, Deadline, decorrelatedJitter, exponential, failureCount, failureRate,
  fallbackTo, fallbackToLast, fallbackToValue, fibonacci, healthBoard, healthCheck, heartbeat, lastValues, linear, loadShed, loadShedder,
  outgoingHeaders, perKey, policyRegistry, readPipeline, resiliencePipeline, retryBudget, retryWithBackoff, runInContext, slowCallRate,
  standardPipeline, tokenBudget, vegasLimit, warmup, withDeadline, writePipeline,
} from 'rxjs-resilience';
import { coreOf } from '../../src/operator/policy.js';

/** Every factory that takes options, with what it needs, and values unlike the defaults for what may be left out. */
interface Row {
  readonly needs?: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly make: (options: never) => unknown;
}

const common = { name: 'mine', mode: 'shadow', required: true, random: () => 0.25 };
const isValue = (): boolean => true;
const breaker = {
  trip: consecutiveFailures(2), breakDuration: 7, maxBreakDuration: 8, successThreshold: 9, maxProbes: 10, probeTimeout: 11, hungAfter: 12,
  classify: () => 'permanent', isFailureValue: () => false, isValue, settleOn: 'firstValue', captureStacks: true, initialState: 'open',
};
const retry = {
  maxRetries: 7, retryIf: () => true, retryIfValue: () => false, classify: () => 'permanent', isValue, retryAfter: false, maxRetryAfter: 8,
  budget: false, afterValue: 'fail', resetOnValue: true, exhausted: 'wrap',
};
const window = { time: 1_000 };
const pipelineCommon = { ...common, classify: () => 'permanent', isValue };

const rows: Readonly<Record<string, Row>> = {
  circuitBreaker: { options: { ...common, ...breaker }, make: circuitBreaker },
  'circuitBreaker, failureThreshold': { options: { failureThreshold: 2 }, make: circuitBreaker },
  retryWithBackoff: { options: { ...common, ...retry, backoff: constant(3) }, make: retryWithBackoff },
  'retryWithBackoff behind a strategy': { options: { ...common, ...retry }, make: (options) => retryWithBackoff(constant(3), options) },
  bulkhead: { options: { ...common, captureStacks: true }, make: (options) => bulkhead(1, 2, options) },
  'the queue of a bulkhead': { needs: { size: 3 }, options: { timeout: 4, order: 'lifo' }, make: (queue) => bulkhead(1, queue) },
  withDeadline: { options: { within: 7, share: 0.5, reserve: 1, onExpire: 'detach', until: 'firstValue', isValue }, make: withDeadline },
  'withDeadline, options': { options: common, make: (options) => withDeadline(1, options) },
  fallbackTo: { options: { ...common, when: () => true, classify: () => 'bug' }, make: (options) => fallbackTo(EMPTY, options) },
  fallbackToValue: { options: { ...common, when: () => true }, make: (options) => fallbackToValue(1, options) },
  fallbackToLast: { needs: { maxAge: 1 }, options: { ...common, when: () => true }, make: fallbackToLast },
  'fallbackToLast with a key': { options: common, make: (options) => fallbackToLast(lastValues({ maxAge: 1 }), 'key', options) },
  lastValues: { needs: { maxAge: 1 }, options: { maxKeys: 2 }, make: lastValues },
  loadShed: { options: { ...common, isValue, captureStacks: true, shedder: loadShedder() }, make: (options) => loadShed('critical', options) },
  loadShedder: { options: { shares: { sheddable: 0.1 }, queue: 3, signals: [of(1)], ceilings: { sheddable: 0.2 }, name: 'mine' }, make: loadShedder },
  shares: { options: { sheddable: 0.1, sheddablePlus: 0.2 }, make: (shares) => loadShedder({ shares }) },
  ceilings: { options: { sheddable: 0.1, sheddablePlus: 0.2 }, make: (ceilings) => loadShedder({ ceilings }) },
  vegasLimit: { needs: { random: () => 0.25 }, options: { initial: 3, min: 2, max: 4 }, make: vegasLimit },
  exponential: { options: { initial: 3, cap: 100, factor: 3, jitter: 'none' }, make: exponential },
  linear: { options: { initial: 3, cap: 100, step: 1, jitter: 'none' }, make: linear },
  fibonacci: { options: { initial: 3, cap: 5, jitter: 'none' }, make: fibonacci },
  decorrelatedJitter: { options: { base: 3, cap: 500 }, make: decorrelatedJitter },
  retryBudget: { options: { ratio: 0.1, minPerSecond: 2, burst: 3, window: 4 }, make: retryBudget },
  tokenBudget: { needs: { maxTokens: 4, tokenRatio: 0.5 }, options: {}, make: tokenBudget },
  consecutiveFailures: { options: { over: 5 }, make: (options) => consecutiveFailures(2, options) },
  failureCount: { needs: { failures: 2, window }, options: {}, make: failureCount },
  failureRate: { needs: { threshold: 0.2, window }, options: { minimumCalls: 3 }, make: failureRate },
  slowCallRate: { needs: { threshold: 0.2, slowerThan: 5, window }, options: { minimumCalls: 3 }, make: slowCallRate },
  window: { needs: { time: 1_000 }, options: { buckets: 5 }, make: (own) => failureRate({ threshold: 0.2, window: own }) },
  'Deadline.child': { options: { share: 0.5, cap: 4, reserve: 1 }, make: (options) => Math.round(Deadline.after(1_000).child(options).remaining() / 10) },
  runInContext: { options: { priority: 'critical', attempt: 3, tags: {} }, make: (context) => runInContext(context, () => 0) },
  resiliencePipeline: {
    options: { ...pipelineCommon, deadline: 9, attemptDeadline: 5, bulkhead: 1, breaker: {}, retry: {}, shed: 'critical', fallback: EMPTY },
    make: resiliencePipeline,
  },
  'the breaker of a pipeline': { options: { ...common, ...breaker }, make: (own) => resiliencePipeline({ breaker: own }) },
  'the retry of a pipeline': { options: { ...common, ...retry }, make: (own) => resiliencePipeline({ retry: own }) },
  'the bulkhead of a pipeline': { needs: { maxConcurrent: 2 }, options: { ...common, queue: 3, captureStacks: true }, make: (own) => resiliencePipeline({ bulkhead: own }) },
  'the deadline of a pipeline': { options: { ...common, within: 7, share: 0.5, reserve: 1, onExpire: 'detach', until: 'firstValue' }, make: (own) => resiliencePipeline({ deadline: own }) },
  'the shedding of a pipeline': { needs: { priority: 'critical' }, options: { ...common, captureStacks: true }, make: (own) => resiliencePipeline({ shed: own }) },
  standardPipeline: { options: { ...pipelineCommon, tolerance: 'strict', bulkhead: 2 }, make: standardPipeline },
  readPipeline: { options: { ...pipelineCommon, tolerance: 'lenient' }, make: readPipeline },
  writePipeline: { options: { ...pipelineCommon, tolerance: 'strict', bulkhead: 2, idempotent: true }, make: writePipeline },
  perKey: { options: { name: 'mine', maxKeys: 2, idleAfter: 3, maxOpenShare: 0.5, required: true }, make: (options) => perKey(() => bulkhead(1), options).name },
  policyRegistry: { options: { name: 'mine', history: 3 }, make: policyRegistry },
  healthCheck: {
    options: { every: 7, timeout: 8, failAfter: 3, recoverAfter: 4, spread: 0.2, staleAfter: 9, required: true, random: () => 0.5 },
    make: (options) => healthCheck('db', () => true, options),
  },
  heartbeat: { needs: { within: 5 }, options: {}, make: (options) => heartbeat('loop', options) },
  warmup: { options: {}, make: (options) => warmup('cache', EMPTY, options) },
  combineHealth: { needs: { name: 'whole' }, options: { required: true }, make: (options) => combineHealth({}, options) },
  healthBoard: { options: { deepEvery: 3, readWithin: 4 }, make: (options) => healthBoard({}, options) },
  outgoingHeaders: { options: { reserve: 3, priority: false }, make: (options) => outgoingHeaders({ attempt: 1, priority: 'critical' }, options) },
};

/** What can be seen of what was made: its settings, and what a strategy or a rule says. */
function seen(made: unknown, isStrategy: boolean = true, known: Set<unknown> = new Set()): unknown {
  const core = coreOf(made);
  if (core !== undefined) return seen(core, false, known);
  if (typeof made === 'function') {
    const { parts } = made as { readonly parts?: object };
    if (parts !== undefined) return Object.values(parts).map((part) => seen(part, false, known));
    const delay = made as (context: object) => unknown;
    const random = (): number => 0.5;
    return isStrategy ? [1, 2, 3].map((attempt) => delay({ attempt, previousDelay: 9, error: 0, random })) : made.name;
  }
  if (typeof made !== 'object' || made === null || known.has(made)) return typeof made === 'object' ? undefined : made;
  known.add(made);
  const { start } = made as { readonly start?: (before: undefined) => unknown };
  if (Object.hasOwn(made, 'start') && typeof start === 'function') return seen(start(undefined), false, known);
  return Object.fromEntries(
    Object.entries(made)
      .filter(([name]) => name !== 'handle' && name !== 'scheduler' && name !== 'clock')
      .map(([name, value]) => [name, seen(value, name === 'backoff' || name === 'breakDuration', known)]),
  );
}

/** The same options as accessors of a class: neither a spread nor `Object.keys` sees them. */
function asConfiguration(options: Readonly<Record<string, unknown>>): never {
  class Configuration {
    readonly #options = options;
    static {
      for (const name of Object.keys(options)) {
        Object.defineProperty(Configuration.prototype, name, { get: () => options[name], configurable: true });
      }
    }
    get environment(): string {
      return `${Object.keys(this.#options).length}`;
    }
    describe(): string {
      return this.environment;
    }
  }
  return new Configuration() as never;
}

// Two that are made one after the other are made at the same time.
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }));
afterAll(() => void vi.useRealTimers());

describe.each(Object.entries(rows))('%s', (_factory, { needs = {}, options, make }) => {
  const whole = { ...needs, ...options };
  it('reads the accessors of a configuration class as it reads a plain object', () => {
    expect(seen(make(asConfiguration(whole)))).toStrictEqual(seen(make(whole as never)));
  });

  it('takes an inherited option', () => {
    expect(seen(make(Object.create(whole) as never))).toStrictEqual(seen(make(whole as never)));
  });

  it.each(Object.keys(options).map((name) => [name]))('takes %s as left out where it is undefined', (name) => {
    const others = Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name));
    expect(seen(make({ ...others, [name]: undefined } as never))).toStrictEqual(seen(make(others as never)));
    expect(seen(make({ ...needs, [name]: undefined } as never))).toStrictEqual(seen(make({ ...needs } as never)));
  });

  it('refuses a misspelt accessor and a misspelt inherited option', () => {
    const [name] = Object.keys(whole).filter((key) => key.length > 5);
    if (name === undefined) return;
    const misspelt = `${name.slice(0, -1)}${name.at(-1)!}${name.at(-1)!}`;
    for (const value of [asConfiguration({ ...needs, [misspelt]: 1 }), Object.create({ ...needs, [misspelt]: 1 }) as never]) {
      expect(() => make(value)).toThrow(`has no option '${misspelt}'; did you mean '${name}'?`);
    }
  });
});

it('reads each option once', () => {
  let reads = 0;
  const options = {
    get failureThreshold(): number {
      return (reads += 1);
    },
  };
  circuitBreaker(options);
  expect(reads).toBe(1);
  resiliencePipeline({ breaker: options });
  expect(reads).toBe(2);
});

it('lets what an accessor throws pass', () => {
  const options = {
    get maxRetries(): number {
      throw new Error('no configuration');
    },
  };
  expect(() => retryWithBackoff(options)).toThrow('no configuration');
  expect(() => resiliencePipeline({ retry: options })).toThrow(new Error('no configuration'));
});

describe('an update reads them alike', () => {
  class Update {
    get maxRetries(): number {
      return 0;
    }
  }
  const failed = (): number => {
    let tries = 0;
    const retry = retryWithBackoff(constant(0));
    retry.update(new Update());
    throwError(() => (tries++, new Error('down'))).pipe(retry).subscribe({ error: () => undefined });
    return tries;
  };
  it('of a configuration class', () => expect(failed()).toBe(1));

  it('and changes nothing where all is undefined', () => {
    const policies = [circuitBreaker(breaker as never), retryWithBackoff(retry as never), bulkhead(2, 3), withDeadline({ within: 7 }), loadShed('critical')];
    const names = [Object.keys(breaker).filter((name) => name !== 'initialState'), Object.keys(retry), ['maxConcurrent', 'queue'], ['within', 'share', 'reserve'], ['priority']];
    policies.forEach((policy, at) => {
      const before = seen(policy);
      policy.update(Object.fromEntries([...names[at]!, 'mode', 'required'].map((name) => [name, undefined])) as never);
      expect(seen(policy)).toStrictEqual(before);
    });
  });
});
