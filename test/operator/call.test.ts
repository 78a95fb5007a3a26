import { type Observable, of, Subject, throwError, defer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Ending } from '../../src/core/ending.js';
import { fusion, fuse, StageList } from '../../src/operator/fuse.js';
import { type Stage, stage } from '../../src/operator/stage.js';
import { asyncScheduler } from 'rxjs';

function recording(name: string, log: string[], parts: Partial<Stage> = {}): <T>(source: Observable<T>) => Observable<T> {
  const made = stage({
    admit: () => void log.push(`${name} admits`),
    settle: (_call, _at, ending) => void log.push(`${name} settles ${ending}`),
    wake: () => log.push(`${name} wakes`),
    ...parts,
  });
  const alone = new StageList([made]);
  return (source) => fuse(source, made, alone);
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
        wake: undefined,
        settle: (_call, _at, ending) =>
          ending === Ending.failed && ++tries < 100_000
            ? { at: 0, delay: 0, scheduler: asyncScheduler, attempt: tries + 1 }
            : undefined,
      });
      const quiet = recording('in', log, { admit: undefined, settle: undefined, wake: undefined });
      throwError(() => 'down').pipe(quiet, again).subscribe(observer(log));
    });
    expect(tries).toBe(100_000);
    expect(log).toStrictEqual(['error down']);
  });
});
