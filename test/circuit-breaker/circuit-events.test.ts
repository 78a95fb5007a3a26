import { asyncScheduler, type Observable, throwError } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { type CircuitBreaker, circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { scenario } from '../operator/in-virtual-time.js';

const down = new Error('down');
const bug = new TypeError('x is not a function');

const make = (): CircuitBreaker =>
  circuitBreaker({ name: 'catalog', failureThreshold: 1, breakDuration: 10, successThreshold: 1 });

/** What was told, and when; the call of each step begins at its time. */
function told(
  breaker: CircuitBreaker,
  { cold, flush }: RunHelpers,
  steps: readonly (readonly [at: number, step: string | (() => void), error?: unknown])[],
): readonly unknown[] {
  const log: unknown[] = [];
  breaker.events$.subscribe((event) => log.push([asyncScheduler.now(), event]));
  for (const [at, step, error = down] of steps) {
    asyncScheduler.schedule(() => {
      if (typeof step === 'function') step();
      else ignoring(cold(step, undefined, error).pipe(breaker));
    }, at);
  }
  flush();
  return log;
}

const ignoring = (source: Observable<unknown>): void => void source.subscribe({ error: () => undefined });
const common = { policy: 'catalog', kind: 'circuitBreaker' };
const context = { attempt: 1 };

describe('the events of a circuit breaker', () => {
  scenario('tell of outcomes, openings, refusals and the way back', make, (breaker, helpers) => {
    expect(told(breaker, helpers, [[0, '-a-|'], [5, '-#'], [8, '-a|'], [30, '-|']])).toStrictEqual([
      [3, { type: 'succeeded', duration: 1, ...common, at: 3, context }],
      [6, { type: 'failed', error: down, duration: 1, ...common, at: 6, context }],
      [6, { type: 'opened', cause: down, until: 16, ...common, at: 6 }],
      [8, { type: 'refused', reason: 'open', retryAfter: 8, ...common, at: 8, context }],
      // Nobody observes the state: it is told with the next call, for the time at which it was due.
      [30, { type: 'halfOpened', ...common, at: 16 }],
      [31, { type: 'succeeded', duration: 1, ...common, at: 31, context }],
      [31, { type: 'closed', ...common, at: 31 }],
    ]);
  });

  scenario('tell that it is half-open when its time is over while the state is observed', make, (breaker, helpers) => {
    const states: string[] = [];
    breaker.state$.subscribe((state) => states.push(`${asyncScheduler.now()} ${state}`));
    const log = told(breaker, helpers, [[5, '-#']]);
    expect(log.at(-1)).toStrictEqual([16, { type: 'halfOpened', ...common, at: 16 }]);
    expect(states).toStrictEqual(['0 closed', '6 open', '16 half-open']);
  });

  scenario('tell that it is half-open when its time is over while health is observed', make, (breaker, helpers) => {
    breaker.health$.subscribe();
    expect(told(breaker, helpers, [[5, '-#']]).at(-1)).toStrictEqual([16, { type: 'halfOpened', ...common, at: 16 }]);
  });

  scenario('tell of what moves nothing', make, (breaker, helpers) => {
    const { cold } = helpers;
    const log = told(breaker, helpers, [
      [0, '-#', bug],
      [
        5,
        () => {
          const call = cold('---').pipe(breaker).subscribe();
          asyncScheduler.schedule(() => call.unsubscribe(), 2);
        },
      ],
      [10, '---|'],
      [11, () => breaker.reset('tests')],
    ]);
    expect(log).toStrictEqual([
      [1, { type: 'ignored', error: bug, ...common, at: 1, context }],
      [7, { type: 'abandoned', after: 2, ...common, at: 7, context }],
      [11, { type: 'reset', caller: 'tests', ...common, at: 11 }],
      [13, { type: 'late', ...common, at: 13, context }],
    ]);
  });

  scenario('tell who holds it and who lets go', make, (breaker, helpers) => {
    const log = told(breaker, helpers, [
      [
        1,
        () => {
          const one = breaker.isolate('deploy');
          const other = breaker.isolate();
          one.release('deploy');
          one.release('again');
          other.release();
        },
      ],
    ]);
    expect(log).toStrictEqual([
      [1, { type: 'isolated', caller: 'deploy', ...common, at: 1 }],
      [1, { type: 'isolated', ...common, at: 1 }],
      [1, { type: 'released', caller: 'deploy', ...common, at: 1 }],
      [1, { type: 'released', ...common, at: 1 }],
      [1, { type: 'closed', ...common, at: 1 }],
    ]);
  });

  it('tell that it stays open where its strategy never ends a break', () => {
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: () => Infinity });
    const until: unknown[] = [];
    breaker.events$.subscribe((event) => event.type === 'opened' && until.push(event.until));
    ignoring(throwError(() => down).pipe(breaker));
    expect(until).toStrictEqual([Infinity]);
    expect(breaker.state).toBe('open');
  });
});
