import { NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, circuitBreaker, fallbackToValue, loadShed, loadShedder, type Policy, retryWithBackoff, withDeadline } from '../../src/index.js';
import { coreOf } from '../../src/operator/policy.js';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { outcome, virtual } from '../virtual.js';

const everything = {
  deadline: 3_000,
  shed: 'critical',
  retry: { maxRetries: 1 },
  breaker: { failureThreshold: 2 },
  bulkhead: { maxConcurrent: 3, queue: 2 },
  attemptDeadline: 800,
  fallback: of('instead'),
} as const;

const named = (parts: object): object => Object.fromEntries(Object.entries(parts).map(([part, { name, kind }]) => [part, `${kind} ${name}`]));

describe('the parts of a pipeline', () => {
  it('bear its name, the deadline of each try as well', () => {
    const pipeline = resiliencePipeline({ ...everything, name: 'catalog' });
    expect(pipeline.name).toBe('catalog');
    expect(named(pipeline.parts)).toStrictEqual({
      attemptDeadline: 'deadline catalog.attempt',
      bulkhead: 'bulkhead catalog',
      breaker: 'circuitBreaker catalog',
      retry: 'retry catalog',
      shed: 'loadShed catalog',
      deadline: 'deadline catalog',
      fallback: 'fallback catalog',
    });
  });

  it('are called a pipeline where it has no name, and what they say themselves where they do', () => {
    const { name, parts } = resiliencePipeline({ retry: { name: 'mine' }, attemptDeadline: { within: 1, name: 'each' }, deadline: 5 });
    expect([name, named(parts)]).toStrictEqual(['pipeline', { attemptDeadline: 'deadline each', retry: 'retry mine', deadline: 'deadline pipeline' }]);
  });

  it('are those that were given, as they are', () => {
    const given = {
      deadline: withDeadline(50),
      shed: loadShed('critical'),
      retry: retryWithBackoff(),
      breaker: circuitBreaker(),
      bulkhead: bulkhead(1),
      attemptDeadline: withDeadline(5),
      fallback: fallbackToValue(1),
    };
    const { parts } = resiliencePipeline({ ...given, name: 'other', classify: () => 'bug' });
    for (const [part, policy] of Object.entries(given)) expect((parts as Record<string, unknown>)[part]).toBe(policy);
  });

  it('do not change after that', () => {
    const { parts } = resiliencePipeline({ retry: {} });
    expect(() => Object.assign(parts, { retry: retryWithBackoff() })).toThrow(TypeError);
  });

  it('have the clock, the chance and the mode of the pipeline, where they have none of their own', () => {
    const { scheduler } = virtual();
    const [random, own] = [() => 0.5, () => 0.25];
    const { parts } = resiliencePipeline({ ...everything, scheduler, random, mode: 'shadow', retry: { random: own, mode: 'enforce' } });
    const common = Object.entries(parts).map(([part, policy]) => [part, coreOf(policy)!.scheduler, coreOf(policy)!.random, policy.mode]);
    expect(common).toStrictEqual(
      Object.keys(parts).map((part) => [part, scheduler, part === 'retry' ? own : random, part === 'retry' ? 'enforce' : 'shadow']),
    );
  });

  it('take what is undefined for what is not there', () => {
    const { parts } = resiliencePipeline({ breaker: { name: undefined, failureThreshold: undefined }, retry: undefined, mode: undefined, name: 'x' });
    expect(named(parts)).toStrictEqual({ breaker: 'circuitBreaker x' });
  });

  it('classify errors as the pipeline says, and one by itself', () => {
    const seen: unknown[] = [];
    const classify = (error: unknown) => {
      seen.push(error);
      return 'bug' as const;
    };
    const failing = throwError(() => 'x');
    const pipeline = resiliencePipeline({ retry: {}, breaker: { classify: () => 'transient' }, fallback: of(1), classify });
    expect(outcome(failing.pipe(pipeline)).log).toStrictEqual(['x']);
    expect(seen).toStrictEqual(['x', 'x']);
    expect(pipeline.metrics()).toMatchObject({ breaker: { failures: 1 }, retry: { retries: 0 }, fallback: { used: 0 } });
  });

  it('take for a value what the pipeline says', () => {
    const { scheduler, advance } = virtual();
    const isValue = (value: unknown): boolean => value !== 'sent';
    const pipeline = resiliencePipeline({
      scheduler,
      isValue,
      deadline: { within: 20, until: 'firstValue' },
      attemptDeadline: { within: 10, until: 'firstValue', isValue: () => true },
      breaker: { failureThreshold: 1 },
    });
    const { log, leave } = outcome(NEVER.pipe(pipeline));
    leave();
    const call = outcome(of('sent').pipe((source) => pipeline(source)));
    expect(call.log).toStrictEqual(['sent', '|']);
    advance(100);
    expect(log).toStrictEqual([]);
    expect(pipeline.metrics()).toMatchObject({ breaker: { abandoned: 1, successes: 1 } });
  });

  it('make a priority of a function, and a shedder is shared', () => {
    const shedder = loadShedder();
    const pipeline = resiliencePipeline({ shed: { priority: 'sheddable', shedder } });
    expect(pipeline.parts.shed.shedder).toBe(shedder);
    const seen: unknown[] = [];
    const asked = resiliencePipeline({ shed: ({ attempt }) => (seen.push(attempt), 'critical') });
    outcome(of(1).pipe(asked));
    expect(seen).toStrictEqual([1]);
  });

  it('are counted each by itself', () => {
    const pipeline = resiliencePipeline(everything);
    expect(outcome(of(1).pipe(pipeline)).log).toStrictEqual([1, '|']);
    const calls = Object.entries(pipeline.metrics()).map(([part, { calls }]) => [part, calls]);
    expect(Object.fromEntries(calls)).toStrictEqual({ attemptDeadline: 1, bulkhead: 1, breaker: 1, retry: 1, shed: 1, deadline: 1, fallback: 1 });
  });
});

describe('what is done to a pipeline', () => {
  const told = (policy: Policy): string[] => {
    const events: string[] = [];
    policy.events$.subscribe({ next: (event) => events.push(`${event.type} ${String((event as { caller?: string }).caller)}`), complete: () => events.push('|') });
    return events;
  };

  it('resets the parts that are its own, and says who', () => {
    const breaker = circuitBreaker();
    const pipeline = resiliencePipeline({ breaker, bulkhead: 1 });
    outcome(of(1).pipe(pipeline));
    const [own, shared] = [told(pipeline.parts.bulkhead), told(breaker)];
    pipeline.reset('admin');
    expect([own, shared]).toStrictEqual([['reset admin'], []]);
    expect(pipeline.metrics()).toMatchObject({ breaker: { calls: 1 }, bulkhead: { calls: 0 } });
  });

  it('disposes the parts that are its own; calls and decisions go on', () => {
    const breaker = circuitBreaker();
    const pipeline = resiliencePipeline({ breaker, bulkhead: 1 });
    const [own, shared] = [told(pipeline.parts.bulkhead), told(breaker)];
    pipeline.dispose();
    pipeline.dispose();
    expect([own, shared]).toStrictEqual([['|'], []]);
    const { leave } = outcome(NEVER.pipe(pipeline));
    expect(outcome(of(1).pipe(pipeline)).log).toMatchObject([{ code: 'BULKHEAD_FULL' }]);
    leave();
    expect(outcome(of(1).pipe(pipeline)).log).toStrictEqual([1, '|']);
  });

  it('leaves a shared part to the others who share it', () => {
    const pool = bulkhead(1);
    const [first, second] = [resiliencePipeline({ name: 'first', bulkhead: pool }), resiliencePipeline({ name: 'second', bulkhead: pool })];
    const { leave } = outcome(NEVER.pipe(first));
    first.dispose();
    expect(outcome(of(1).pipe(second)).log).toMatchObject([{ code: 'BULKHEAD_FULL', policy: 'bulkhead' }]);
    leave();
    expect(outcome(of(1).pipe(second)).log).toStrictEqual([1, '|']);
  });
});
