import { EMPTY, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, circuitBreaker, fallbackToValue, loadShed, type PolicyEvent, retryWithBackoff, withDeadline } from '../../src/index.js';
import { coreOf } from '../../src/operator/policy.js';
import type { PolicyWatch } from '../../src/operator/policy-core.js';
import { collectReported } from '../reported.js';

const reported = collectReported();
const failing = throwError(() => new Error('down'));
const fail = (breaker: ReturnType<typeof circuitBreaker>): void => void failing.pipe(breaker).subscribe({ error: () => undefined });

function watched(breaker: object, more: PolicyWatch = {}): { types: string[]; unwatch: () => void } {
  const types: string[] = [];
  const unwatch = coreOf(breaker)!.watchedBy({ transition: ({ type }: PolicyEvent) => types.push(type), ...more });
  return { types, unwatch };
}

describe('a policy that is watched', () => {
  it('tells what moves it, and no call, with nobody listening to its events', () => {
    const breaker = circuitBreaker({ failureThreshold: 2 });
    const { types, unwatch } = watched(breaker);
    EMPTY.pipe(breaker).subscribe();
    fail(breaker);
    fail(breaker);
    fail(breaker);
    const isolation = breaker.isolate('me');
    isolation.release();
    breaker.reset();
    unwatch();
    breaker.isolate();
    expect(types).toStrictEqual(['opened', 'isolated', 'released', 'closed', 'reset']);
  });

  it('tells its listeners the same, and each watcher', () => {
    const breaker = circuitBreaker({ failureThreshold: 1 });
    const [first, second] = [watched(breaker), watched(breaker)];
    const heard: string[] = [];
    breaker.events$.subscribe(({ type }) => heard.push(type));
    fail(breaker);
    first.unwatch();
    breaker.reset();
    expect(first.types).toStrictEqual(['opened']);
    expect(second.types).toStrictEqual(['opened', 'reset', 'closed']);
    expect(heard).toStrictEqual(['failed', 'opened', 'reset', 'closed']);
  });

  it('stays closed while a watcher does not let it open, and opens at the next failure after that', () => {
    const breaker = circuitBreaker({ failureThreshold: 2 });
    let may = false;
    const { types } = watched(breaker, { mayOpen: () => may });
    fail(breaker);
    fail(breaker);
    fail(breaker);
    expect(breaker.state).toBe('closed');
    may = true;
    fail(breaker);
    expect(breaker.state).toBe('open');
    expect(types).toStrictEqual(['opened']);
  });

  it.each([
    ['circuitBreaker', () => circuitBreaker()],
    ['bulkhead', () => bulkhead(1)],
    ['retry', () => retryWithBackoff()],
    ['deadline', () => withDeadline(5)],
    ['fallback', () => fallbackToValue(1)],
    ['loadShed', () => loadShed('critical')],
  ])('is known by its handle, and says once that it is disposed: %s', (kind, make) => {
    const policy = make();
    let disposed = 0;
    watched(policy, { disposed: () => disposed++ });
    policy.dispose();
    policy.dispose();
    expect(coreOf(policy)?.kind).toBe(kind);
    expect(disposed).toBe(1);
  });

  it('is told of by the others where a watcher throws, which RxJS reports', async () => {
    const breaker = circuitBreaker();
    const thrown = new Error('a fault of the watcher');
    watched(breaker, {
      transition: () => {
        throw thrown;
      },
    });
    const { types } = watched(breaker);
    breaker.reset();
    expect(types).toStrictEqual(['reset']);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reported).toStrictEqual([thrown]);
  });
});

it('nothing else has a policy behind it', () => {
  expect([undefined, null, 1, {}, () => 1].map(coreOf)).toStrictEqual([undefined, undefined, undefined, undefined, undefined]);
});
