import { Observable, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.js';
import { describeEvent, type PolicyEvent } from '../../src/index.js';

const { bulkhead, circuitBreaker, constant, fallbackToValue, loadShed, loadShedder, retryWithBackoff, withDeadline } = library;

/** The lines of a policy while `act` runs in virtual time. */
function lines(policy: { readonly events$: Observable<PolicyEvent> }, act: () => void): readonly string[] {
  const told: string[] = [];
  new TestScheduler(() => undefined).run(({ flush }) => {
    const subscription = policy.events$.subscribe((event) => told.push(describeEvent(event)));
    act();
    flush();
    subscription.unsubscribe();
  });
  return told;
}

const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:443'), { code: 'ECONNREFUSED' });
const failing = throwError(() => refused);
const quiet = { error: () => undefined };

describe('describeEvent', () => {
  it('says which try failed, of how many, why, and when the next one is', () => {
    const retry = retryWithBackoff(constant(1_230), { name: 'catalog', maxRetries: 3 });
    expect(lines(retry, () => failing.pipe(retry).subscribe(quiet))).toStrictEqual([
      'catalog: try 1 of 4 failed (ECONNREFUSED), next in 1.23 s',
      'catalog: try 2 of 4 failed (ECONNREFUSED), next in 1.23 s',
      'catalog: try 3 of 4 failed (ECONNREFUSED), next in 1.23 s',
      'catalog: gave up after 4 tries: attempts (ECONNREFUSED)',
    ]);
  });

  it('tells the life of a circuit', () => {
    const breaker = circuitBreaker({ name: 'db', failureThreshold: 1, breakDuration: 2_000, successThreshold: 1 });
    const told = lines(breaker, () => {
      failing.pipe(breaker).subscribe(quiet);
      of(1).pipe(breaker).subscribe(quiet);
      const isolation = breaker.isolate('ops');
      isolation.release('ops');
      breaker.reset();
    });
    expect(told).toStrictEqual([
      'db: call failed (ECONNREFUSED) after 0 ms',
      'db: circuit opened (ECONNREFUSED), for 2 s',
      'db: call refused: open, retry after 2 s',
      'db: circuit isolated by ops',
      'db: circuit released by ops',
      'db: circuit closed',
      'db: reset',
    ]);
  });

  it('tells deadlines, fallbacks, bulkheads and shedders', () => {
    const deadline = withDeadline(5, { name: 'd' });
    const fallback = fallbackToValue(0, { name: 'f' });
    const pool = bulkhead(1, 0, { name: 'b' });
    const shed = loadShed('sheddable', { name: 's', shedder: loadShedder({ limit: library.fixedLimit(1) }) });
    const hanging = new Observable<number>(() => undefined);
    const twice = (policy: typeof pool | typeof shed): void => {
      const first = hanging.pipe(policy).subscribe(quiet);
      hanging.pipe(policy).subscribe(quiet);
      first.unsubscribe();
    };
    expect(lines(deadline, () => hanging.pipe(deadline).subscribe(quiet))).toStrictEqual(['d: deadline of 5 ms exceeded']);
    expect(lines(fallback, () => failing.pipe(fallback).subscribe())).toStrictEqual(['f: fallback used (ECONNREFUSED)']);
    expect(lines(pool, () => twice(pool))).toStrictEqual(['b: call started after a wait of 0 ms', 'b: call refused: full']);
    expect(lines(shed, () => twice(shed))).toStrictEqual([
      's: call admitted',
      's: call shed: full, priority sheddable, limit 1',
    ]);
  });

  it('never shows the message of an error, which may hold what belongs to one user', () => {
    const fallback = fallbackToValue(0, { name: 'f', when: () => true });
    const told = [new Error('secret'), { status: 503, message: 'secret' }, 'secret', undefined].flatMap((error) =>
      lines(fallback, () => throwError(() => error).pipe(fallback).subscribe()),
    );
    expect(told).toStrictEqual(['f: fallback used (Error)', 'f: fallback used (503)', 'f: fallback used (string)', 'f: fallback used']);
  });
});
