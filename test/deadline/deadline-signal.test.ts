import { defer, NEVER, of, type SchedulerLike, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { outcome, virtual } from '../virtual.js';

/** A signal that knows who listens. */
function watched() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener: (...given: Parameters<typeof addEventListener>) => {
      if (given[0] === 'abort') listeners++;
      addEventListener.apply(signal, given);
    },
    removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
      if (given[0] === 'abort') listeners--;
      removeEventListener.apply(signal, given);
    },
  });
  return { signal, abort: (reason?: unknown) => controller.abort(reason), listeners: () => listeners };
}

describe('withDeadline() and the signal of the context', () => {
  it('ends the call when the client leaves, and hears no more of it then', () => {
    const { signal, abort, listeners } = watched();
    const source = new Subject();
    const { log } = runInContext({ signal }, () => outcome(source.pipe(withDeadline())));
    expect([source.observed, listeners()]).toStrictEqual([true, 1]);
    abort('gone');
    expect(log).toMatchObject([{ name: 'AbortError', cause: 'gone' }]);
    expect([source.observed, listeners()]).toStrictEqual([false, 0]);
  });

  it.each([
    ['ends', (source: Subject<unknown>) => source.complete()],
    ['fails', (source: Subject<unknown>) => source.error('x')],
  ])('hears no more of it when the call %s', (_how, end) => {
    const { signal, listeners } = watched();
    const source = new Subject();
    runInContext({ signal }, () => outcome(source.pipe(withDeadline())));
    end(source);
    expect(listeners()).toBe(0);
  });

  it('makes no call for a client that has left', () => {
    let calls = 0;
    const { log } = runInContext({ signal: AbortSignal.abort() }, () => outcome(defer(() => of(calls++)).pipe(withDeadline())));
    expect(log).toMatchObject([{ name: 'AbortError' }]);
    expect(calls).toBe(0);
  });

  it('ends a call whose client leaves while it is made', () => {
    const { signal, abort } = watched();
    const source = defer(() => (abort(), NEVER));
    const { log } = runInContext({ signal }, () => outcome(source.pipe(withDeadline())));
    expect(log).toMatchObject([{ name: 'AbortError' }]);
  });

  it.each(['shadow', 'disabled'] as const)('leaves the call alone where it is %s', (mode) => {
    const { signal, abort, listeners } = watched();
    const deadline = withDeadline({}, { mode });
    const running = runInContext({ signal }, () => outcome(NEVER.pipe(deadline)));
    expect(listeners()).toBe(0);
    abort();
    const late = runInContext({ signal }, () => outcome(of(1).pipe(deadline)));
    expect([running.log, late.log]).toStrictEqual([[], [1, '|']]);
    running.leave();
  });

  it.each<[string, (scheduler: SchedulerLike) => number | Deadline, number | undefined]>([
    ['a time of its own', () => 50, undefined],
    ['a time of its own that the context shortens', () => 50, 20],
    ['a deadline that was received', (scheduler) => Deadline.after(50, scheduler), undefined],
  ])('is no concern of %s', (_title, setting, ambient) => {
    const { signal, abort, listeners } = watched();
    const { scheduler } = virtual();
    const deadline = withDeadline(setting(scheduler), { scheduler });
    const context = { signal, ...(ambient !== undefined && { deadline: Deadline.after(ambient, scheduler) }) };
    const { log } = runInContext(context, () => outcome(NEVER.pipe(deadline)));
    abort();
    const late = runInContext(context, () => outcome(of(1).pipe(deadline)));
    expect([log, late.log, listeners()]).toStrictEqual([[], [1, '|'], 0]);
  });
});

describe('a deadline whose timer is late', () => {
  /** A clock that stands where it is put, and the timers that were asked for. */
  const made = (within: number) => {
    let now = 0;
    const due: (() => void)[] = [];
    const scheduler = {
      now: () => now,
      schedule: (work: () => void) => {
        due.push(work);
        return { unsubscribe: () => undefined };
      },
    };
    const deadline = withDeadline(within, { scheduler: scheduler as never });
    const told: unknown[] = [];
    deadline.events$.subscribe((event) => event.type === 'expired' && told.push(event.stalled));
    const { log } = outcome(NEVER.pipe(deadline));
    const fireAt = (at: number): void => {
      now = at;
      due.shift()!();
    };
    return { deadline, fireAt, log: log as readonly DeadlineExceededError[], told };
  };

  it.each([
    ['by as much as it allows', 100, 100, false],
    ['by more than it allows', 100, 101, true],
    ['by a second', 5_000, 1_000, false],
    ['by more than a second', 5_000, 1_001, true],
  ])('%s', (_title, within, late, stalled) => {
    const { deadline, fireAt, log, told } = made(within);
    fireAt(within + late);
    // What has arrived meanwhile is let in first.
    expect(log).toStrictEqual([]);
    fireAt(within + late);
    expect(log).toMatchObject([{ stalled, budget: within, started: true }]);
    expect(log[0]!.ran).toBe(within + late);
    expect(told).toStrictEqual([stalled]);
    expect(deadline.metrics()).toMatchObject({ expired: 1, stalled: stalled ? 1 : 0 });
  });
});
