import { AsyncLocalStorage } from 'node:async_hooks';
import { defer, EMPTY, first, NEVER, Observable, of, range, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Health } from '../../src/core/health.js';
import { healthCheck } from '../../src/health/health-check.js';
import type { HealthCheckOptions } from '../../src/health/health-options.js';
import { attempt } from '../../src/operator/attempt.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { collectReported } from '../reported.js';
import { virtual } from '../virtual.js';
import { Hand } from '../hand.js';

const reported = collectReported();

/** A check in virtual time, and what came of it. */
function checked(probe: () => unknown, options: HealthCheckOptions = {}) {
  const { scheduler, advance } = virtual();
  const check = healthCheck('db', probe, { spread: 0, ...options, scheduler });
  const seen: Health[] = [];
  const listen = () => check.subscribe((health) => seen.push(health));
  return { scheduler, advance, check, seen, listen, statuses: () => seen.map(({ status }) => status) };
}

/** A probe that says one after the other, then the last for ever. */
function saying(...answers: readonly unknown[]) {
  let asked = 0;
  const probe = (): unknown => answers[Math.min(asked++, answers.length - 1)];
  return Object.assign(probe, { asked: () => asked });
}

describe('a health check', () => {
  it('is what its contract says by default', () => {
    const { scheduler, advance } = virtual();
    const started: number[] = [];
    const check = healthCheck('db', () => started.push(scheduler.now()) === 0 || of(true), { scheduler, random: () => 0.5 });
    const seen: Health[] = [];
    check.subscribe((health) => seen.push(health));
    advance(30_000);
    expect(started).toStrictEqual([0, 10_000, 20_000, 30_000]);
    expect(seen).toStrictEqual([
      { name: 'db', status: 'unknown', required: false, since: 0, details: {} },
      { name: 'db', status: 'up', required: false, since: 0, details: {} },
    ]);
  });

  it.each([
    [0, 9_000],
    [0.25, 9_500],
    [0.5, 10_000],
    [0.75, 10_500],
  ])('spreads its intervals: random %d makes 10,000 to %i', (drawn, interval) => {
    const { scheduler, advance } = virtual();
    const started: number[] = [];
    healthCheck('db', () => void started.push(scheduler.now()), { scheduler, random: () => drawn }).subscribe();
    advance(2 * interval);
    expect(started).toStrictEqual([0, interval, 2 * interval]);
  });

  it('draws every interval anew, so that those who started together get out of step', () => {
    const { scheduler, advance } = virtual();
    const draws = [0, 0.99, 0.5];
    const started: number[] = [];
    healthCheck('db', () => void started.push(scheduler.now()), { scheduler, random: () => draws.shift() ?? 0.5 }).subscribe();
    advance(29_000);
    expect(started).toStrictEqual([0, 9_000, 19_980]);
  });

  it.each([[NaN], [-1], [2]])('takes a random of %d for none', (drawn) => {
    const { scheduler, advance } = virtual();
    const started: number[] = [];
    healthCheck('db', () => void started.push(scheduler.now()), { scheduler, random: () => drawn }).subscribe();
    advance(20_000);
    expect(started).toStrictEqual([0, 10_000, 20_000]);
  });

  it('asks once for a hundred subscribers', () => {
    const probe = saying(true);
    const { advance, check, statuses, seen } = checked(probe);
    const subscriptions = Array.from({ length: 100 }, () => check.subscribe((health) => seen.push(health)));
    expect(probe.asked()).toBe(1);
    advance(50_000);
    expect(probe.asked()).toBe(6);
    expect(statuses()).toStrictEqual(['unknown', ...Array<string>(100).fill('up')]);
    for (const subscription of subscriptions) subscription.unsubscribe();
    advance(50_000);
    expect(probe.asked()).toBe(6);
  });

  it('runs nothing while nobody listens', () => {
    const probe = saying(of(true));
    const { advance, listen, scheduler } = checked(probe);
    advance(100_000);
    expect(probe.asked()).toBe(0);
    const subscription = listen();
    advance(15_000);
    subscription.unsubscribe();
    advance(10);
    expect(scheduler.actions).toHaveLength(0);
    expect(probe.asked()).toBe(2);
  });

  it('is required where it was told so', () => {
    const { listen, seen } = checked(() => true, { required: true });
    listen();
    expect(seen.map(({ required }) => required)).toStrictEqual([true, true]);
  });

  it('tells since when', () => {
    const { advance, listen, seen } = checked(saying(true, false, false, true, true));
    listen();
    advance(40_000);
    expect(seen.map(({ status, since }) => [status, since])).toStrictEqual([
      ['unknown', 0],
      ['up', 0],
      ['down', 20_000],
      ['up', 40_000],
    ]);
  });

  it('shows a result that nobody has seen get stale as unknown since then', () => {
    const { advance, listen, seen } = checked(saying(true, NEVER));
    listen().unsubscribe();
    advance(100_000);
    listen();
    expect(seen[2]).toMatchObject({ status: 'unknown', since: 30_000, details: { stale: true } });
  });

  it('with staleAfter Infinity a result is never too old', () => {
    const { advance, listen, seen } = checked(saying(true, NEVER), { staleAfter: Infinity });
    listen().unsubscribe();
    advance(10_000_000);
    listen();
    expect(seen.map(({ status }) => status)).toStrictEqual(['unknown', 'up', 'up']);
  });

  it('tells what is new in the details, and nothing where nothing is', () => {
    const { advance, listen, seen } = checked(
      saying({ status: 'up', details: { lag: 1 } }, { status: 'up', details: { lag: 1 } }, { status: 'up', details: { lag: 2 } }),
    );
    listen();
    advance(20_000);
    expect(seen.map(({ details }) => details)).toStrictEqual([{}, { lag: 1 }, { lag: 2 }]);
  });

  it('tells an outage once, with the error that it began with', () => {
    let errors = 0;
    const { advance, listen, seen } = checked(() => throwError(() => new Error(`no ${++errors}`)));
    listen();
    advance(100_000);
    expect(errors).toBe(11);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toMatchObject({ status: 'down', details: { reason: 'error' }, error: new Error('no 1') });
  });
});

describe('what a probe may be', () => {
  const secret = 'password=swordfish';

  it.each([
    ['throws', () => { throw new Error(secret); }],
    ['returns an observable that errors', () => throwError(() => new Error(secret))],
    ['returns an error', () => new Error(secret)],
    ['emits an error', () => of(new Error(secret))],
    ['emits what is no result', () => of({ status: secret })],
    ['returns what is no result', () => ({ status: 'up', details: secret })],
    ['returns what cannot be subscribed', () => ({ then: () => { throw new Error(secret); } })],
  ])('one that %s is down, and nothing of its text is shown', (_title, probe) => {
    const { listen, seen, advance } = checked(probe, { failAfter: 1 });
    listen();
    advance(1);
    const [, { error, ...shown }] = seen as [Health, Health];
    expect(shown.status).toBe('down');
    expect(error).toBeDefined();
    expect(JSON.stringify(shown)).not.toContain('swordfish');
    expect(reported).toStrictEqual([]);
  });

  it.each([
    ['completes without a value', () => EMPTY],
    ['emits a value', () => of('PONG')],
    ['returns a string, whose letters are not asked', () => 'down'],
    ['returns rows, which are a value', () => [false]],
    ['emits many values, of which the first counts', () => of(true, false)],
    ['emits without end', () => range(0, Infinity)],
    ['never completes', () => new Observable((subscriber) => subscriber.next(true))],
  ])('one that %s is up', (_title, probe) => {
    const { listen, statuses } = checked(probe);
    listen();
    expect(statuses()).toStrictEqual(['unknown', 'up']);
  });

  it('one that returns a promise has said when that has settled', async () => {
    const { advance, listen, statuses } = checked(saying(Promise.resolve(), Promise.reject(new Error('no'))), { failAfter: 1 });
    listen();
    expect(statuses()).toStrictEqual(['unknown']);
    await Promise.resolve();
    expect(statuses()).toStrictEqual(['unknown', 'up']);
    advance(10_000);
    await Promise.resolve();
    expect(statuses()).toStrictEqual(['unknown', 'up', 'down']);
  });

  it('one that returns an async iterable says by its first value', async () => {
    const { listen, statuses } = checked(async function* () {
      yield false;
    });
    listen();
    await new Promise(setImmediate);
    expect(statuses()).toStrictEqual(['unknown', 'down']);
  });

  it('one that hangs is unsubscribed at its timeout, counts as down, and its signal says why', () => {
    let signal: AbortSignal | undefined;
    const { advance, listen, seen } = checked(() => attempt((context) => ((signal = context.signal), NEVER)));
    listen();
    advance(1_999);
    expect(signal?.aborted).toBe(false);
    advance(1);
    expect(signal?.reason).toMatchObject({ name: 'DeadlineExceededError', policy: 'db', budget: 2_000, started: true });
    expect(seen[1]).toMatchObject({ status: 'down', details: { reason: 'timeout', timeout: 2_000 }, error: signal?.reason });
  });

  it('what a hung one says later is not heard', () => {
    const answers: Subject<boolean>[] = [];
    const { advance, listen, statuses } = checked(() => (answers[answers.length] = new Subject()));
    listen();
    advance(2_000);
    answers[0]!.next(true);
    expect(answers[0]!.observed).toBe(false);
    expect(statuses()).toStrictEqual(['unknown', 'down']);
  });

  it('one that was left is unsubscribed, and its signal says nothing of a deadline', () => {
    let signal: AbortSignal | undefined;
    const { listen } = checked(() => attempt((context) => ((signal = context.signal), NEVER)));
    listen().unsubscribe();
    expect(signal?.reason).toMatchObject({ name: 'AbortError' });
  });

  it('one that subscribes the check itself is not asked within itself', () => {
    let asked = 0;
    const { advance, check, listen } = checked(() => {
      asked++;
      return defer(() => {
        const inner = check.subscribe();
        return of(true).pipe((source) => new Observable((subscriber) => source.subscribe(subscriber).add(inner)));
      });
    });
    listen();
    advance(10_000);
    expect(asked).toBe(2);
  });
});

describe('what a listener does', () => {
  it('one that leaves by what it is told leaves nothing running', () => {
    const probe = saying(of(true));
    const { advance, check, scheduler } = checked(probe);
    const seen: string[] = [];
    check.pipe(first(({ status }) => status === 'up')).subscribe(({ status }) => seen.push(status));
    advance(100_000);
    expect(seen).toStrictEqual(['up']);
    expect(probe.asked()).toBe(1);
    expect(scheduler.actions).toHaveLength(0);
  });

  it('one that leaves by what it is told later leaves nothing running either', () => {
    const probe = saying(true, false, false, true);
    const { advance, check, scheduler } = checked(probe);
    check.pipe(first(({ status }) => status === 'down')).subscribe();
    advance(100_000);
    expect(probe.asked()).toBe(3);
    expect(scheduler.actions).toHaveLength(0);
  });

  it('one that takes the first value only asks nothing', () => {
    const probe = saying(true);
    const { check } = checked(probe);
    const seen: string[] = [];
    check.pipe(first()).subscribe(({ status }) => seen.push(status));
    expect([seen, probe.asked()]).toStrictEqual([['unknown'], 0]);
  });

  it('one that throws changes nothing for the others', async () => {
    const { advance, check, listen, statuses } = checked(saying(true, false, false));
    check.subscribe(() => { throw new Error('listener'); });
    listen();
    advance(20_000);
    expect(statuses()).toStrictEqual(['up', 'down']);
    await new Promise((resolve) => setTimeout(resolve));
    expect(reported).toContainEqual(new Error('listener'));
  });
});

describe('where a probe runs', () => {
  it('outside of the call that subscribes it', () => {
    const contexts: unknown[] = [];
    const { advance, listen } = checked(() => void contexts.push(currentContext()));
    runInContext({ priority: 'sheddable', attempt: 3 }, listen);
    advance(10_000);
    expect(contexts).toStrictEqual([{ attempt: 1 }, { attempt: 1 }]);
  });

  it('in the asynchronous scope in which the check was made', () => {
    const tenant = new AsyncLocalStorage<string>();
    const tenants: unknown[] = [];
    const made = tenant.run('maker', () => checked(() => void tenants.push(tenant.getStore())));
    tenant.run('listener', () => made.listen());
    tenant.run('timers', () => made.advance(10_000));
    expect(tenants).toStrictEqual(['maker', 'maker']);
  });
});

describe('a process that stood still', () => {
  const hung = (options: HealthCheckOptions = {}) => {
    const scheduler = new Hand();
    const answers: Subject<boolean>[] = [];
    const seen: Health[] = [];
    const check = healthCheck('db', () => (answers[answers.length] = new Subject()), { spread: 0, scheduler, ...options });
    const subscription = check.subscribe((health) => seen.push(health));
    scheduler.run(1);
    return { scheduler, answers, subscription, statuses: () => seen.map(({ status }) => status) };
  };

  it('lets an answer in first that came meanwhile', () => {
    const { scheduler, answers, statuses } = hung();
    scheduler.turn(2_500);
    expect(statuses()).toStrictEqual(['unknown']);
    answers[0]!.next(true);
    scheduler.turn(1);
    expect(statuses()).toStrictEqual(['unknown', 'up']);
  });

  it('counts a timeout that was a little late', () => {
    const { scheduler, statuses } = hung();
    scheduler.turn(2_500);
    scheduler.turn(1);
    expect(statuses()).toStrictEqual(['unknown', 'down']);
  });

  it('takes one that was very late for no result, and asks again at once', () => {
    const { scheduler, answers, statuses } = hung();
    scheduler.turn(5_000);
    scheduler.turn(1);
    scheduler.turn(1);
    expect(statuses()).toStrictEqual(['unknown']);
    expect(answers.map(({ observed }) => observed)).toStrictEqual([false, true]);
    answers[1]!.next(true);
    expect(statuses()).toStrictEqual(['unknown', 'up']);
  });

  it('asks once after it, however many intervals have passed', () => {
    const { scheduler, answers } = hung();
    answers[0]!.next(true);
    scheduler.turn(100_000);
    scheduler.run(5);
    expect(answers).toHaveLength(2);
  });
});
