import { concat, EMPTY, NEVER, type Observable, delay, map, mergeMap, of, Subject, take, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import { fixedLimit } from '../../src/core/fixed-limit.js';
import { vegasLimit } from '../../src/core/vegas-limit.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { loadShed } from '../../src/load-shed/load-shed.js';
import type { LoadShedEvent } from '../../src/load-shed/load-shed-events.js';
import { loadShedder } from '../../src/load-shed/load-shedder.js';
import { scenario } from '../operator/in-virtual-time.js';
import { RecordingLimit } from './recording-limit.js';

const failing = (error: unknown): Observable<never> => timer(4).pipe(mergeMap(() => throwError(() => error)));
const value = (ms: number): Observable<unknown> => timer(ms).pipe(map(() => 'v'));

const measured = (): { limit: RecordingLimit; shed: ReturnType<typeof loadShed> } => {
  const limit = new RecordingLimit(2);
  return { limit, shed: loadShed('critical', { shedder: loadShedder({ limit, queue: 3 }) }) };
};

const expired = (facts: Partial<DeadlineExceededError>): DeadlineExceededError =>
  new DeadlineExceededError('x', { started: true, budget: 4, shortened: false, stalled: false, hungAfter: 2, ran: 4, ...facts });

describe('a call', () => {
  const outcomes: [string, () => Observable<unknown>, number, string[]][] = [
    ['that completes says how long it took to its first value', () => concat(value(3), value(5)), 50, ['1: 3 ms with 1']],
    ['that is empty says how long it took', () => timer(4).pipe(mergeMap(() => EMPTY)), 50, ['1: 4 ms with 1']],
    ['that was answered with an error says how long it took', () => failing({ status: 404 }), 50, ['1: 4 ms with 1']],
    ['that failed says nothing', () => failing(new Error('down')), 50, []],
    ['that failed after a value says nothing', () => concat(value(2), failing(new Error('down'))), 50, []],
    ['to which the dependency was too busy was dropped', () => failing({ status: 503 }), 50, ['1: dropped with 1']],
    ['of which it has too many was dropped', () => failing({ response: { status: 429 } }), 50, ['1: dropped with 1']],
    ['that found a broken dependency says nothing', () => failing({ status: 500 }), 50, []],
    ['that was aborted says nothing', () => failing(new DOMException('x', 'AbortError')), 50, []],
    ['that has a bug says nothing', () => failing(new RangeError('x')), 50, []],
    ['that was left before a value says nothing', () => value(20), 10, []],
    ['that was left after a value says how long that took', () => concat(value(3), NEVER), 10, ['1: 3 ms with 1']],
    ['that ran into a deadline further in was dropped', () => failing(expired({})), 50, ['1: dropped with 1']],
    ['whose deadline further in left no fair time says nothing', () => failing(expired({ hungAfter: 5 })), 50, []],
    ['whose deadline further in fired after a stall says nothing', () => failing(expired({ stalled: true })), 50, []],
    ['that never started says nothing', () => failing(expired({ started: false })), 50, []],
    ['that was refused further in says nothing', () => NEVER.pipe(full()), 50, []],
    ['that was queued further in says nothing', () => value(3).pipe(waits()), 50, []],
  ];
  const full = (): ReturnType<typeof bulkhead> => {
    const pool = bulkhead(1);
    NEVER.pipe(pool).subscribe();
    return pool;
  };
  const waits = (): ReturnType<typeof bulkhead> => {
    const pool = bulkhead(1, 1);
    timer(2).pipe(pool).subscribe();
    return pool;
  };

  for (const [title, source, leavesAt, expected] of outcomes) {
    scenario(title, measured, ({ limit, shed }, { flush }) => {
      const subscription = source().pipe(shed).subscribe({ error: () => undefined });
      timer(leavesAt).subscribe(() => subscription.unsubscribe());
      flush();
      expect(limit.samples).toStrictEqual(expected);
    });
  }

  scenario('that an outer deadline cuts after a fair time was dropped', measured, ({ limit, shed }, { flush }) => {
    NEVER.pipe(shed, withDeadline(10)).subscribe({ error: () => undefined });
    flush();
    expect(limit.samples).toStrictEqual(['1: dropped with 1']);
  });

  scenario('that an outer deadline cuts soon after its wait says nothing', measured, ({ limit, shed }, { flush }) => {
    for (let i = 0; i < 2; i++) value(7).pipe(shed).subscribe();
    NEVER.pipe(shed, withDeadline(10)).subscribe({ error: () => undefined });
    flush();
    expect(limit.samples).toStrictEqual(['1: 7 ms with 2', '1: 7 ms with 2']);
    expect(shed.metrics()).toMatchObject({ admitted: 3, inFlight: 0 });
  });

  scenario('that waited for its permit is measured from when it had it', measured, ({ limit, shed }, { flush }) => {
    value(10).pipe(shed).subscribe();
    value(10).pipe(shed).subscribe();
    value(3).pipe(shed).subscribe();
    flush();
    expect(limit.samples).toStrictEqual(['1: 10 ms with 2', '1: 10 ms with 2', '1: 3 ms with 1']);
  });

  scenario('that came before a reset is not measured after it, and a new baseline begins', measured, ({ limit, shed }, { flush }) => {
    value(3).pipe(shed).subscribe();
    shed.reset();
    value(4).pipe(shed).subscribe();
    flush();
    expect(limit.samples).toStrictEqual(['2: 4 ms with 1']);
  });
});

describe('latency', () => {
  scenario('is taken to what isValue takes for a value', () => {
    const limit = new RecordingLimit(2);
    return { limit, shed: loadShed('critical', { shedder: loadShedder({ limit }), isValue: (event, { attempt }) => event !== 'sent' && attempt === 1 }) };
  }, ({ limit, shed }, { cold, flush }) => {
    cold('-s-v-v|', { s: 'sent', v: 'value' }).pipe(shed).subscribe();
    flush();
    const left = cold('-s-v|', { s: 'sent', v: 'value' }).pipe(shed).subscribe();
    timer(2).subscribe(() => left.unsubscribe());
    flush();
    expect(limit.samples).toStrictEqual(['1: 3 ms with 1']);
  });

  it('ends the call with what isValue throws and leaks nothing', () => {
    const shedder = loadShedder({ limit: new RecordingLimit(2) });
    const shed = loadShed('critical', { shedder, isValue: () => { throw new Error('broken'); } });
    let error: unknown;
    of(1).pipe(shed).subscribe({ error: (caught: unknown) => (error = caught) });
    expect([(error as Error).message, shedder.inFlight]).toStrictEqual(['broken', 0]);
  });

  it('is measured for each policy on its own', () => {
    const limit = new RecordingLimit(2);
    const shedder = loadShedder({ limit });
    const [a, b] = [loadShed('critical', { shedder }), loadShed('critical', { shedder })];
    of(1).pipe(b).subscribe();
    of(1).pipe(a).subscribe();
    expect(limit.samples.map((sample) => sample[0])).toStrictEqual(['2', '1']);
  });
});

describe('a limit that moves', () => {
  it('lets waiters in when it grows, tells everybody who listens, and disturbs nobody when it shrinks', () => {
    const limit = new RecordingLimit(1);
    const shedder = loadShedder({ limit, queue: 3, name: 's' });
    const [a, b] = [loadShed('critical', { shedder, name: 'a' }), loadShed('sheddable', { shedder, name: 'b' })];
    const events: unknown[] = [];
    const note = ({ type, policy, ...rest }: LoadShedEvent): unknown =>
      type === 'limitChanged' && events.push([policy, (rest as { previous: number }).previous, (rest as { limit: number }).limit]);
    a.events$.subscribe(note);
    b.events$.subscribe(note);
    const gates = [1, 2, 3].map(() => new Subject<number>());
    for (const gate of gates) gate.pipe(a).subscribe();
    limit.next = 4;
    gates[0]!.complete();
    expect([shedder.limit, shedder.inFlight, shedder.queued]).toStrictEqual([4, 2, 0]);
    expect(events).toStrictEqual([['a', 1, 4], ['b', 1, 4]]);
    b.dispose();
    limit.next = 1;
    gates[1]!.complete();
    expect([shedder.limit, shedder.inFlight, events.length]).toStrictEqual([1, 1, 3]);
  });

  scenario('finds its place under load (Vegas)', () => loadShedder({ limit: vegasLimit({ initial: 2, random: () => 0.5 }) }), (shedder, { flush }) => {
    const shed = loadShed('critical', { shedder });
    timer(0, 10).pipe(take(2_000)).subscribe(() => {
      of(1).pipe(delay(100), shed).subscribe({ error: () => undefined });
    });
    flush();
    expect(shedder.limit).toBeGreaterThanOrEqual(10);
    expect(shedder.inFlight).toBe(0);
  });

  it('that is fixed costs no reading of the clock', () => {
    let readings = 0;
    const scheduler = { now: () => ++readings, schedule: () => { throw new Error('no timer'); } } as never;
    const shed = loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(5), scheduler }), scheduler });
    readings = 0;
    of(1).pipe(shed).subscribe();
    expect(readings).toBe(0);
  });
});
