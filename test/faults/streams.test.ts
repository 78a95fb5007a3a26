import { concat, NEVER, Observable, of, type OperatorFunction, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bulkhead, circuitBreaker, constant, fallbackToValue, fixedLimit, type Health, loadShed, loadShedder, type PolicyEvent,
  retryWithBackoff, withDeadline,
} from '../../src/index.js';
import { collectReported } from '../reported.js';

interface Watched {
  readonly health$: Observable<Health>;
  readonly events$: Observable<PolicyEvent>;
  metrics(): object;
  reset(): void;
  dispose(): void;
}

type Kept = OperatorFunction<unknown, unknown> & Watched;

const makers: readonly (readonly [string, () => Kept])[] = [
  ['circuitBreaker', () => circuitBreaker({ failureThreshold: 1, breakDuration: 1_000 }) as unknown as Kept],
  ['retryWithBackoff', () => retryWithBackoff(constant(0), { maxRetries: 1 }) as unknown as Kept],
  ['bulkhead', () => bulkhead(1) as unknown as Kept],
  ['withDeadline', () => withDeadline(0) as unknown as Kept],
  ['fallbackToValue', () => fallbackToValue('instead') as unknown as Kept],
  ['loadShed', () => loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1) }) }) as unknown as Kept],
];

const reported = collectReported();

/** Three calls: one that fails, one that ends well, one that is left; what their consumers saw. */
function use(policy: Kept): readonly string[] {
  const seen: string[] = [];
  const note = (name: string): object => ({
    next: (value: unknown) => seen.push(`${name} ${String(value)}`),
    error: (error: { name?: string }) => seen.push(`${name} ${error.name ?? 'error'}`),
    complete: () => seen.push(`${name} complete`),
  });
  const running = NEVER.pipe(policy).subscribe(note('running'));
  throwError(() => new Error('down')).pipe(policy).subscribe(note('failing'));
  of('good').pipe(policy).subscribe(note('good'));
  running.unsubscribe();
  of('last').pipe(policy).subscribe(note('last'));
  return seen;
}

describe.each(makers)('listeners of %s', (_name, make) => {
  const untouched = use(make());

  it('that throw change no call', async () => {
    const policy = make();
    const thrower = (): never => {
      throw new Error('listener');
    };
    policy.health$.subscribe(thrower);
    policy.events$.subscribe(thrower);
    expect(use(policy)).toStrictEqual(untouched);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(new Set(reported.map(String))).toStrictEqual(new Set(['Error: listener']));
  });

  it('that dispose of it while they are told change no call', () => {
    const policy = make();
    policy.events$.subscribe(() => policy.dispose());
    expect(use(policy)).toStrictEqual(untouched);
  });

  it('that read everything while they are told change no call', () => {
    const policy = make();
    const seen: unknown[] = [];
    policy.events$.subscribe(() => {
      seen.push(policy.metrics());
      policy.health$.subscribe((health) => seen.push(health)).unsubscribe();
    });
    expect(use(policy)).toStrictEqual(untouched);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('that reset it while they are told hold nothing and end', () => {
    const policy = make();
    let resets = 0;
    policy.events$.subscribe(({ type }) => {
      if (type !== 'reset' && resets++ < 100) policy.reset();
    });
    use(policy);
    expect(policy.metrics()).not.toMatchObject({ active: 1 });
    expect(resets).toBeLessThan(100);
  });

  it('hear nothing any more once it is disposed of, and a late one gets the last health and the completion', () => {
    const policy = make();
    const seen: string[] = [];
    policy.health$.subscribe({ complete: () => seen.push('health complete') });
    policy.events$.subscribe({ next: () => seen.push('event'), complete: () => seen.push('events complete') });
    policy.dispose();
    policy.dispose();
    expect(use(policy)).toStrictEqual(untouched);
    policy.health$.subscribe({ next: () => seen.push('last health'), complete: () => seen.push('late complete') });
    policy.events$.subscribe({ complete: () => seen.push('late events complete') });
    expect(seen.sort()).toStrictEqual(
      ['events complete', 'health complete', 'last health', 'late complete', 'late events complete'].sort(),
    );
  });
});

describe('a figure from outside', () => {
  const active = (limit: Observable<number>): number => {
    const pool = bulkhead(limit);
    for (let i = 0; i < 5; i++) NEVER.pipe(pool).subscribe({ error: () => undefined });
    return pool.metrics().active;
  };

  it.each([
    ['that completes at once keeps its last value', of(3), 3],
    ['that errors keeps its last value', concat(of(2), throwError(() => new Error('gone'))), 2],
    ['that errors before any value leaves the limit at 1', throwError(() => new Error('gone')), 1],
    ['that is no number of permits is passed over', of(3, NaN, -1, 0, Infinity, '4' as never), 3],
  ])('as a limit %s', (_title, limit, expected) => {
    expect(active(limit)).toBe(expected);
    expect(reported).toStrictEqual([]);
  });

  it('as a load signal that errors or is no number sheds as its last value says', () => {
    const signal = new Subject<number>();
    const shed = loadShed('critical', { shedder: loadShedder({ signals: [signal] }) });
    const outcome = (): string => {
      let seen = '';
      of('in').pipe(shed).subscribe({ next: (value) => (seen = value), error: () => (seen = 'shed') });
      return seen;
    };
    const seen = [outcome()];
    for (const value of [0.96, NaN, 'x' as never]) {
      signal.next(value);
      seen.push(outcome());
    }
    signal.error(new Error('gone'));
    seen.push(outcome());
    expect(seen).toStrictEqual(['in', 'shed', 'shed', 'shed', 'shed']);
  });

  it('is subscribed with the first call, and left on dispose', () => {
    let subscribed = 0;
    let left = 0;
    const limit = new Observable<number>((subscriber) => {
      subscribed++;
      subscriber.next(2);
      return () => left++;
    });
    const pool = bulkhead(limit);
    expect(subscribed).toBe(0);
    of(1).pipe(pool).subscribe();
    of(1).pipe(pool).subscribe();
    pool.dispose();
    expect({ subscribed, left, limit: pool.limit }).toStrictEqual({ subscribed: 1, left: 1, limit: 2 });
  });
});
