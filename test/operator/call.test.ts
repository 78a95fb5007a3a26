import { defer, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { Ending } from '../../src/core/ending.js';
import { fusion, fuse } from '../../src/operator/fuse.js';
import type { Call } from '../../src/operator/call.js';
import { type Stage, stage, WAIT } from '../../src/operator/stage.js';

function recording(name: string, log: string[], parts: Partial<Stage> = {}): <T>(source: Observable<T>) => Observable<T> {
  const made = stage({
    admit: () => void log.push(`${name} admits`),
    settle: (_call, _at, ending) => void log.push(`${name} settles ${ending}`),
    line: { size: 1, serve: () => log.push(`${name} wakes`) },
    ...parts,
  });
  return (source) => fuse(source, made);
}

function logged<T>(log: string[], source: Observable<T>): Observable<T> {
  return defer(() => {
    log.push('subscribed');
    return source;
  });
}

const observer = (log: string[]): object => ({
  next: (value: unknown) => log.push(`value ${String(value)}`),
  error: (error: unknown) => log.push(`error ${String(error)}`),
  complete: () => log.push('complete'),
});

describe.each([true, false])('a call (fused: %s)', (enabled) => {
  const run = (body: (log: string[]) => void): string[] => {
    const log: string[] = [];
    fusion.enabled = enabled;
    try {
      body(log);
    } finally {
      fusion.enabled = true;
    }
    return log;
  };

  it('admits from outside, settles from inside, delivers, and only then wakes', () => {
    const log = run((log) => {
      logged(log, of(1)).pipe(recording('in', log), recording('out', log)).subscribe(observer(log));
    });
    expect(log).toStrictEqual([
      'out admits', 'in admits', 'subscribed', 'value 1',
      `in settles ${Ending.completed}`, `out settles ${Ending.completed}`, 'complete', 'in wakes', 'out wakes',
    ]);
  });

  it('never subscribes the source of a refused call', () => {
    const log = run((log) => {
      const refusal = new Error('full');
      logged(log, of(1))
        .pipe(recording('in', log, { admit: () => refusal }), recording('out', log))
        .subscribe(observer(log));
    });
    expect(log).toStrictEqual(['out admits', `out settles ${Ending.failed}`, 'error Error: full', 'out wakes']);
  });

  it('tears the source down before anything settles when the consumer leaves', () => {
    const log = run((log) => {
      const source = new Subject<number>();
      const subscription = source.pipe(recording('in', log), recording('out', log)).subscribe(observer(log));
      expect(source.observed).toBe(true);
      subscription.unsubscribe();
      expect(source.observed).toBe(false);
    });
    expect(log).toStrictEqual([
      'out admits', 'in admits',
      `in settles ${Ending.left}`, 'in wakes', `out settles ${Ending.left}`, 'out wakes',
    ]);
  });

  it('tries a synchronous failure again without growing the stack', () => {
    let tries = 0;
    const log = run((log) => {
      const again = recording('again', log, {
        admit: undefined,
        line: undefined,
        settle: (_call, _at, ending) =>
          ending === Ending.failed && ++tries < 100_000
            ? { at: 0, wait: undefined, attempt: tries + 1 }
            : undefined,
      });
      const quiet = recording('in', log, { admit: undefined, settle: undefined, line: undefined });
      throwError(() => 'down').pipe(quiet, again).subscribe(observer(log));
    });
    expect(tries).toBe(100_000);
    expect(log).toStrictEqual(['error down']);
  });

  it('lets a waiter go on, and gives its place back when it leaves while it waits', () => {
    const waiting: { call: Call; at: number }[] = [];
    const log = run((log) => {
      const queue = recording('queue', log, {
        admit: (call, at) => {
          waiting.push({ call, at });
          return WAIT;
        },
      });
      const pipe = logged(log, of(1)).pipe(queue);
      pipe.subscribe(observer(log));
      pipe.subscribe(observer(log)).unsubscribe();
      expect(log).toStrictEqual([`queue settles ${Ending.left}`, 'queue wakes']);
      waiting[0]!.call.resume(waiting[0]!.at);
    });
    expect(log.slice(2)).toStrictEqual([
      'subscribed', 'value 1', `queue settles ${Ending.completed}`, 'complete', 'queue wakes',
    ]);
  });

  it('tells what is further in by which deadline it was cut, and what is further out the error', () => {
    let cutting: (() => void) | undefined;
    const log = run((log) => {
      const deadline = recording('deadline', log, {
        line: undefined,
        admit: (call, at) => {
          cutting = () => call.cut(at, 'late', { cut: 'late' });
          return undefined;
        },
      });
      const source = new Subject<number>();
      source.pipe(recording('in', log), deadline, recording('out', log)).subscribe(observer(log));
      cutting!();
      expect(source.observed).toBe(false);
    });
    expect(log).toStrictEqual([
      'out admits', 'in admits', `in settles ${Ending.cut}`, 'in wakes',
      `deadline settles ${Ending.failed}`, `out settles ${Ending.failed}`, 'error late', 'out wakes',
    ]);
  });

  it('notifies downstream of a callback that throws before the source, and what is further in, is left', () => {
    const log = run((log) => {
      const source = new Observable<number>((subscriber) => {
        subscriber.next(1);
        return () => log.push('torn down');
      });
      const judge = recording('judge', log, {
        value: () => {
          throw 'judged';
        },
      });
      source.pipe(recording('in', log), judge, recording('out', log)).subscribe(observer(log));
    });
    expect(log).toStrictEqual([
      'out admits', 'judge admits', 'in admits',
      `judge settles ${Ending.failed}`, `out settles ${Ending.failed}`, 'error judged',
      `in settles ${Ending.left}`, 'torn down', 'in wakes', 'judge wakes', 'out wakes',
    ]);
  });

  it('goes on with another source, under what is further out only', () => {
    const log = run((log) => {
      const fallback = recording('fallback', log, {
        admit: undefined,
        line: undefined,
        settle: (_call, at, ending) =>
          ending === Ending.failed ? { at, source: of('other') } : undefined,
      });
      throwError(() => 'down').pipe(recording('in', log), fallback, recording('out', log)).subscribe(observer(log));
    });
    expect(log).toStrictEqual([
      'out admits', 'in admits', `in settles ${Ending.failed}`, 'in wakes',
      'value other', `out settles ${Ending.completed}`, 'complete', 'out wakes',
    ]);
  });
});

describe('a pipe', () => {
  const pool = bulkhead(1);
  const detached = withDeadline({ within: 5, onExpire: 'detach' });

  it.each([
    ['side by side', (source: Observable<number>) => source.pipe(pool, pool)],
    ['with others between', (source: Observable<number>) => source.pipe(pool, withDeadline(5), pool)],
    ['with a list of its own between', (source: Observable<number>) => source.pipe(pool, detached, pool)],
  ])('refuses the same bulkhead twice as it is assembled: %s', (_how, pipe) => {
    expect(() => pipe(of(1))).toThrow(TypeError);
  });

  it('may have the same policy twice where it waits for nobody', () => {
    const breaker = circuitBreaker();
    const seen: number[] = [];
    of(1).pipe(breaker, breaker).subscribe((value) => seen.push(value));
    expect({ seen, calls: breaker.metrics().calls }).toStrictEqual({ seen: [1], calls: 2 });
  });

  it('of forty policies runs in two lists', () => {
    const seen: number[] = [];
    Array.from({ length: 40 }, () => withDeadline(1_000, { mode: 'shadow' }))
      .reduce<Observable<number>>((source, policy) => source.pipe(policy), of(1))
      .subscribe((value) => seen.push(value));
    expect(seen).toStrictEqual([1]);
  });
});
