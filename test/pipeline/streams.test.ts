import { NEVER, type Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { circuitBreaker, currentContext, type Health, runInContext } from '../../src/index.js';
import { coreOf } from '../../src/operator/policy.js';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { outcome, virtual } from '../virtual.js';

const down = new Error('down');
const failing = throwError(() => down);

function listened({ health$ }: { readonly health$: Observable<Health> }) {
  const seen: string[] = [];
  const subscription = health$.subscribe({ next: ({ status }) => seen.push(status), complete: () => seen.push('|') });
  return { seen, stop: () => subscription.unsubscribe() };
}

describe('the health of a pipeline', () => {
  it('is the worst of its parts, one value for each change', () => {
    const { scheduler, advance } = virtual();
    const pipeline = resiliencePipeline({
      name: 'catalog', scheduler, random: () => 0.5, breaker: { failureThreshold: 1, breakDuration: 10, successThreshold: 1 }, bulkhead: 1, fallback: of('instead'),
    });
    const seen: string[] = [];
    pipeline.health$.subscribe(({ status, components }) => seen.push(`${status}: ${Object.values(components!).map((part) => part.status).join(' ')}`));
    const { leave } = outcome(NEVER.pipe(pipeline));
    leave();
    outcome(failing.pipe(pipeline));
    advance(10);
    outcome(of(1).pipe(pipeline));
    // The bulkhead is full while a call runs; the fallback has been used until the next call that does without.
    expect(seen).toStrictEqual([
      'up: up up up',
      'degraded: degraded up up',
      'up: up up up',
      'degraded: degraded up up',
      'up: up up up',
      'down: up down up',
      'down: up down degraded',
      'degraded: up degraded degraded',
      'degraded: degraded degraded degraded',
      'degraded: up degraded degraded',
      'degraded: up up degraded',
      'up: up up up',
    ]);
  });

  it('is down while its breaker is open, required or not', () => {
    for (const required of [true, false]) {
      const pipeline = resiliencePipeline({ breaker: { failureThreshold: 1 }, name: 'catalog', required });
      outcome(failing.pipe(pipeline));
      const healths: Health[] = [];
      pipeline.health$.subscribe((health) => healths.push(health));
      expect(healths).toMatchObject([{ name: 'catalog', status: 'down', required, error: down, details: {} }]);
      expect(healths[0]!.components).toMatchObject({ breaker: { name: 'catalog', status: 'down', required, details: { state: 'open' } } });
    }
  });

  it('is required as its breaker is, also one that is shared', () => {
    const required = (pipeline: { readonly health$: Observable<Health> }): boolean => {
      let found: boolean | undefined;
      pipeline.health$.subscribe((health) => (found = health.required)).unsubscribe();
      return found!;
    };
    const breaker = circuitBreaker({ required: true });
    const shared = resiliencePipeline({ breaker, bulkhead: 1 });
    expect(required(shared)).toBe(true);
    breaker.update({ required: false });
    expect(required(shared)).toBe(false);
    expect(required(resiliencePipeline({ bulkhead: 1 }))).toBe(false);
    expect(required(resiliencePipeline({ bulkhead: 1, required: true }))).toBe(true);
    expect(required(resiliencePipeline({ breaker: { required: false }, required: true }))).toBe(false);
  });

  it('has every part as a component, and is up where there is none', () => {
    const seen: Health[] = [];
    resiliencePipeline({ deadline: 5, retry: {} }).health$.subscribe((health) => seen.push(health));
    resiliencePipeline({ name: 'empty' }).health$.subscribe((health) => seen.push(health));
    expect(Object.keys(seen[0]!.components!)).toStrictEqual(['retry', 'deadline']);
    expect(seen[1]).toMatchObject({ name: 'empty', status: 'up', components: {} });
  });

  it('is up in shadow mode, and says what it would be further in', () => {
    const pipeline = resiliencePipeline({ breaker: { failureThreshold: 1 }, mode: 'shadow' });
    outcome(failing.pipe(pipeline));
    const seen: Health[] = [];
    pipeline.health$.subscribe((health) => seen.push(health));
    expect(seen).toMatchObject([{ status: 'up', components: { breaker: { details: { would: 'down', mode: 'shadow' } } } }]);
  });

  it('completes with the pipeline; who comes late has the last value and the end', () => {
    const breaker = circuitBreaker({ failureThreshold: 1 });
    const pipeline = resiliencePipeline({ breaker, bulkhead: 1 });
    const { seen } = listened(pipeline);
    pipeline.dispose();
    outcome(failing.pipe(pipeline));
    expect(seen).toStrictEqual(['up', '|']);
    expect(listened(pipeline).seen).toStrictEqual(['up', '|']);
    expect(listened(breaker).seen).toStrictEqual(['down']);
  });

  it('listens to nothing while nobody listens to it', () => {
    const { scheduler } = virtual();
    const pipeline = resiliencePipeline({ scheduler, breaker: { failureThreshold: 1, breakDuration: 10 } });
    outcome(failing.pipe(pipeline));
    expect(scheduler.actions).toHaveLength(0);
    const { stop } = listened(pipeline);
    expect(scheduler.actions).toHaveLength(1);
    stop();
    expect(scheduler.actions.filter(({ closed }) => !closed)).toHaveLength(0);
  });
});

describe('the events of a pipeline', () => {
  const told = (events$: Observable<{ readonly kind: string; readonly type: string }>): string[] => {
    const seen: string[] = [];
    events$.subscribe({ next: ({ kind, type }) => seen.push(`${kind} ${type}`), complete: () => seen.push('|') });
    return seen;
  };

  it('are those of its parts, as they happen', () => {
    const pipeline = resiliencePipeline({ breaker: { failureThreshold: 1 }, retry: { maxRetries: 0 }, fallback: of('instead') });
    const seen = told(pipeline.events$);
    outcome(failing.pipe(pipeline));
    expect(seen).toStrictEqual(['circuitBreaker failed', 'circuitBreaker opened', 'retry exhausted', 'fallback used']);
  });

  it('are made only while somebody listens, and told in the root context', () => {
    const pipeline = resiliencePipeline({ breaker: {} });
    const isTold = (): boolean => coreOf(pipeline.parts.breaker)!.isListenedTo;
    expect(isTold()).toBe(false);
    const tags: unknown[] = [];
    const subscription = pipeline.events$.subscribe(() => tags.push(currentContext().tags));
    expect(isTold()).toBe(true);
    runInContext({ tags: { user: 1 } }, () => outcome(of(1).pipe(pipeline)));
    expect(tags).toStrictEqual([undefined]);
    subscription.unsubscribe();
    expect(isTold()).toBe(false);
  });

  it('end with the pipeline, though a shared part lives on', () => {
    const breaker = circuitBreaker();
    const pipeline = resiliencePipeline({ breaker, bulkhead: 1 });
    const seen = told(pipeline.events$);
    pipeline.dispose();
    outcome(of(1).pipe(pipeline));
    expect(seen).toStrictEqual(['|']);
    expect(told(pipeline.events$)).toStrictEqual(['|']);
  });
});
