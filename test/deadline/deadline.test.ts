import { defer, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/core/backoff.js';
import type { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import type { DeadlineSettings } from '../../src/deadline/deadline-options.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';
import { outcome, type Virtual, virtual } from '../virtual.js';

/** What is given: a setting, how much the context leaves, and when the call ends with which facts. */
type Row = readonly [title: string, setting: number | DeadlineSettings, ambient: number | undefined, at: number, facts: Partial<DeadlineExceededError>];

const started = { started: true, stalled: false };
const rows: readonly Row[] = [
  ['its own time', 800, undefined, 800, { ...started, budget: 800, shortened: false, hungAfter: 400, ran: 800 }],
  ['a long time of its own', 4_000, undefined, 4_000, { ...started, budget: 4_000, shortened: false, hungAfter: 1_000, ran: 4_000 }],
  ['its own time, the context leaving more', 800, 900, 800, { ...started, budget: 800, shortened: false, hungAfter: 400 }],
  ['its own time, the context leaving as much', 800, 800, 800, { ...started, budget: 800, shortened: false, hungAfter: 400 }],
  ['what the context leaves', 800, 500, 500, { ...started, budget: 500, shortened: true, hungAfter: 400 }],
  ['a share of what the context leaves', { share: 0.5 }, 100, 50, { ...started, budget: 50, shortened: false, hungAfter: 1_000 }],
  ['the whole of it', { share: 1 }, 100, 100, { ...started, budget: 100, shortened: false, hungAfter: 1_000 }],
  ['less a reserve', { reserve: 30 }, 100, 70, { ...started, budget: 70, shortened: false, hungAfter: 1_000 }],
  ['a share less a reserve', { share: 0.5, reserve: 30 }, 100, 20, { ...started, budget: 20, shortened: false, hungAfter: 1_000 }],
  ['its own time where that is less than the share', { within: 20, share: 0.5 }, 100, 20, { ...started, budget: 20, shortened: false, hungAfter: 10 }],
  ['the share where that is less than its own time', { within: 80, share: 0.5 }, 100, 50, { ...started, budget: 50, shortened: false, hungAfter: 40 }],
  ['its own time where the context has none to share', { within: 80, share: 0.5 }, undefined, 80, { ...started, budget: 80, shortened: false, hungAfter: 40 }],
  ['no time at all', 0, undefined, 0, { started: false, stalled: false, budget: 0, shortened: false, hungAfter: 0, ran: 0 }],
  ['no time that the context leaves', 80, 0, 0, { started: false, stalled: false, budget: 0, shortened: true, hungAfter: 40 }],
  ['a reserve that takes all of it', { reserve: 100 }, 100, 0, { started: false, budget: 0, shortened: false, hungAfter: 1_000 }],
];

describe('a deadline gives a call', () => {
  const begin = (time: Virtual, ambient: number | undefined, call: () => void): void => {
    if (ambient === undefined) call();
    else runInContext({ deadline: Deadline.after(ambient, time.scheduler) }, call);
  };

  it.each(rows)('%s', (_title, setting, ambient, at, facts) => {
    const time = virtual();
    const deadline = withDeadline(setting, { scheduler: time.scheduler, name: 'search' });
    let log: readonly unknown[] = [];
    begin(time, ambient, () => ({ log } = outcome(NEVER.pipe(deadline))));
    if (at > 0) {
      time.advance(at - 1);
      expect(log).toStrictEqual([]);
      time.advance(1);
    }
    expect(log).toHaveLength(1);
    const [error] = log as [DeadlineExceededError];
    expect({ ...error, hungAfter: error.hungAfter, ran: error.ran }).toMatchObject({ ...facts, name: 'DeadlineExceededError', policy: 'search' });
    const arrived = facts.started === false ? 1 : 0;
    expect(deadline.metrics()).toStrictEqual({ calls: 1, expired: 1 - arrived, expiredOnArrival: arrived, stalled: 0 });
  });

  it.each<[string, number | DeadlineSettings | undefined, number | undefined]>([
    ['nothing without a setting', {}, undefined],
    ['no share of no time', { share: 0.5 }, undefined],
    ['no reserve of no time', { reserve: 5 }, undefined],
  ])('%s', (_title, setting, ambient) => {
    const time = virtual();
    const deadline = withDeadline(setting!, { scheduler: time.scheduler });
    begin(time, ambient, () => {
      const { log } = outcome(NEVER.pipe(deadline));
      time.advance(1e9);
      expect(log).toStrictEqual([]);
    });
    expect(deadline.metrics()).toMatchObject({ calls: 1, expired: 0 });
  });

  it('the time of a deadline that was received, and of the context where that is less', () => {
    const time = virtual();
    const received = Deadline.after(50, time.scheduler);
    const pipe = NEVER.pipe(withDeadline(received, { scheduler: time.scheduler }));
    const alone = outcome(pipe);
    const shortened = runInContext({ deadline: Deadline.after(20, time.scheduler) }, () => outcome(pipe));
    time.advance(20);
    expect(shortened.log).toMatchObject([{ budget: 20, shortened: true, hungAfter: 1_000 }]);
    time.advance(30);
    expect(alone.log).toMatchObject([{ budget: 50, shortened: false, hungAfter: 1_000 }]);
    const late = outcome(pipe);
    expect(late.log).toMatchObject([{ started: false, budget: 0 }]);
  });

  it('the time that another scheduler leaves', () => {
    const [here, there] = [virtual(), virtual()];
    there.advance(1_000);
    const deadline = withDeadline(800, { scheduler: here.scheduler });
    const { log } = runInContext({ deadline: Deadline.after(30, there.scheduler) }, () => outcome(NEVER.pipe(deadline)));
    there.advance(30);
    expect(log).toMatchObject([{ budget: 30, shortened: true }]);
  });
});

describe('further in', () => {
  /** How much time each try sees. */
  const seen = (setting: DeadlineSettings, mode: 'enforce' | 'shadow' = 'enforce'): readonly (number | undefined)[] => {
    const time = virtual();
    const left: (number | undefined)[] = [];
    const source = defer(() => {
      left.push(currentContext().deadline?.remaining());
      return throwError(() => 'down');
    });
    const retry = retryWithBackoff(constant(10), { maxRetries: 2, scheduler: time.scheduler });
    outcome(source.pipe(retry, withDeadline(setting, { scheduler: time.scheduler, mode })));
    time.advance(20);
    return left;
  };

  it('each try sees what is left of the time, which a new try does not prolong', () => {
    expect(seen({ within: 100 })).toStrictEqual([100, 90, 80]);
  });

  it.each<[string, DeadlineSettings, 'enforce' | 'shadow']>([
    ['that lets a write finish', { within: 100, onExpire: 'detach' }, 'enforce'],
    ['in shadow mode', { within: 100 }, 'shadow'],
  ])('no try sees a deadline %s', (_title, setting, mode) => {
    expect(seen(setting, mode)).toStrictEqual([undefined, undefined, undefined]);
  });

  it.each<[string, DeadlineSettings, number]>([
    ['a share of what remains is seen', { share: 0.5 }, 50],
    ['what is left of a reserve is seen', { reserve: 30 }, 70],
    ['no share is seen by a write that may finish, but what the context leaves', { share: 0.5, onExpire: 'detach' }, 100],
  ])('%s', (_title, setting, left) => {
    const time = virtual();
    let found: unknown;
    const source = defer(() => ((found = currentContext().deadline?.remaining()), NEVER));
    runInContext({ deadline: Deadline.after(100, time.scheduler) }, () => outcome(source.pipe(withDeadline(setting, { scheduler: time.scheduler }))));
    expect(found).toBe(left);
  });

  it('a deadline that was received is seen', () => {
    const time = virtual();
    const received = Deadline.after(50, time.scheduler);
    let found: unknown;
    outcome(defer(() => ((found = currentContext().deadline), NEVER)).pipe(withDeadline(received, { scheduler: time.scheduler })));
    expect(found).toBe(received);
  });

  it('each try is made where nothing sets a time', () => {
    expect(seen({})).toStrictEqual([undefined, undefined, undefined]);
    expect(seen({ share: 0.5 })).toStrictEqual([undefined, undefined, undefined]);
  });

  it('each try sees what the context leaves where that is less', () => {
    const time = virtual();
    const left: unknown[] = [];
    const source = defer(() => {
      left.push(currentContext().deadline?.remaining());
      return throwError(() => 'down');
    });
    const pipe = source.pipe(
      retryWithBackoff(constant(10), { maxRetries: 1, scheduler: time.scheduler }),
      withDeadline(100, { scheduler: time.scheduler }),
    );
    runInContext({ deadline: Deadline.after(50, time.scheduler) }, () => outcome(pipe));
    time.advance(10);
    expect(left).toStrictEqual([50, 40]);
  });
});

describe('a deadline', () => {
  it('in shadow mode counts and tells, on arrival too, and cuts nothing', () => {
    const time = virtual();
    const deadline = withDeadline(5, { scheduler: time.scheduler, mode: 'shadow' });
    const told: object[] = [];
    deadline.events$.subscribe(({ type, at, ...event }) => told.push({ ...event, type, at }));
    const { log, leave } = outcome(NEVER.pipe(deadline));
    time.advance(5);
    deadline.update({ within: 0 });
    const second = outcome(of(1).pipe(deadline));
    expect([log, second.log]).toStrictEqual([[], [1, '|']]);
    leave();
    expect(deadline.metrics()).toStrictEqual({ calls: 2, expired: 1, expiredOnArrival: 1, stalled: 0 });
    const common = { policy: 'deadline', kind: 'deadline', type: 'expired', stalled: false, at: 5, context: { attempt: 1 } };
    expect(told).toStrictEqual([{ ...common, budget: 5, started: true }, { ...common, budget: 0, started: false }]);
  });

  it('is always up, since somebody first looked', () => {
    const time = virtual();
    time.advance(7);
    const deadline = withDeadline(5, { scheduler: time.scheduler });
    const seenHealth: object[] = [];
    time.advance(3);
    deadline.health$.subscribe((health) => seenHealth.push(health));
    outcome(NEVER.pipe(deadline));
    time.advance(5);
    expect(seenHealth).toStrictEqual([{ name: 'deadline', status: 'up', required: false, since: 10, details: {} }]);
  });

  it('takes other settings for the calls that come, and keeps those that are not named', () => {
    const time = virtual();
    const deadline = withDeadline({ within: 50, share: 0.5 }, { scheduler: time.scheduler });
    const budgetOf = (): unknown =>
      runInContext({ deadline: Deadline.after(100, time.scheduler) }, () => {
        const { log } = outcome(NEVER.pipe(deadline));
        time.advance(100);
        return (log[0] as DeadlineExceededError).budget;
      });
    expect(budgetOf()).toBe(50);
    deadline.update({ within: 80 });
    expect(budgetOf()).toBe(50);
    deadline.update({ reserve: 10 });
    expect(budgetOf()).toBe(40);
    deadline.update({ share: 1 });
    expect(budgetOf()).toBe(80);
    expect(() => deadline.update({ within: -1 })).toThrow('within must be');
    expect(() => withDeadline(Deadline.after(5, time.scheduler)).update({ within: 5 })).toThrow("update has no option 'within'");
  });

  it.each([[undefined, {}], ['operator', { caller: 'operator' }]])('is reset by %s', (caller, named) => {
    const time = virtual();
    const deadline = withDeadline(5, { scheduler: time.scheduler });
    const told: object[] = [];
    outcome(NEVER.pipe(deadline));
    time.advance(5);
    outcome(NEVER.pipe(deadline));
    deadline.events$.subscribe((event) => told.push(event));
    deadline.reset(caller);
    expect(told).toStrictEqual([{ type: 'reset', policy: 'deadline', kind: 'deadline', at: 5, ...named }]);
    time.advance(5);
    expect(deadline.metrics()).toStrictEqual({ calls: 0, expired: 0, expiredOnArrival: 0, stalled: 0 });
    outcome(NEVER.pipe(deadline));
    time.advance(5);
    expect(deadline.metrics()).toStrictEqual({ calls: 1, expired: 1, expiredOnArrival: 0, stalled: 0 });
  });

  it('takes another mode for the calls that come', () => {
    const time = virtual();
    const deadline = withDeadline(5, { scheduler: time.scheduler });
    deadline.update({ mode: 'shadow' });
    const { log } = outcome(NEVER.pipe(deadline));
    time.advance(5);
    expect([deadline.mode, log, deadline.metrics().expired]).toStrictEqual(['shadow', [], 1]);
  });

  it('makes errors without a stack, in time and on arrival', () => {
    const time = virtual();
    for (const within of [5, 0]) {
      const { log } = outcome(NEVER.pipe(withDeadline(within, { scheduler: time.scheduler })));
      time.advance(5);
      expect((log[0] as Error).stack ?? '').not.toMatch(/\n\s+at /);
    }
  });
});
