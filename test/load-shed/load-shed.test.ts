import { AsyncLocalStorage } from 'node:async_hooks';
import { BehaviorSubject, defer, EMPTY, NEVER, Observable, of, Subject, type Subscription, take, throwError, timer } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { fixedLimit } from '../../src/core/fixed-limit.js';
import { isRejectedError, isResilienceError } from '../../src/core/guards.js';
import type { Health } from '../../src/core/health.js';
import { type Priority, priorities } from '../../src/core/priority.js';
import { type LoadShed, loadShed } from '../../src/load-shed/load-shed.js';
import { isLoadShedError, LoadShedError } from '../../src/load-shed/load-shed-error.js';
import { defaultShedder, type LoadShedder, loadShedder, type LoadShedderOptions } from '../../src/load-shed/load-shedder.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { shared } from '../../src/operator/shared.js';
import { scenario } from '../operator/in-virtual-time.js';

const byPriority = (shedder: LoadShedder): Record<Priority, LoadShed> => ({
  criticalPlus: loadShed('criticalPlus', { shedder }),
  critical: loadShed('critical', { shedder }),
  sheddablePlus: loadShed('sheddablePlus', { shedder }),
  sheddable: loadShed('sheddable', { shedder }),
});

const setUp = (options: LoadShedderOptions = {}): { shedder: LoadShedder; shed: Record<Priority, LoadShed> } => {
  const shedder = loadShedder(options);
  return { shedder, shed: byPriority(shedder) };
};

interface Running {
  end(): void;
  readonly subscription: Subscription;
  started: boolean;
  error: unknown;
}

const running = (policy: LoadShed, whenRefused: () => void = () => undefined): Running => {
  const gate = new Subject<never>();
  const call = { end: () => gate.complete(), started: false, error: undefined as unknown, subscription: undefined as unknown as Subscription };
  call.subscription = defer(() => ((call.started = true), gate)).pipe(policy).subscribe({
    error: (error: unknown) => {
      call.error = error;
      whenRefused();
    },
  });
  return call;
};

const reasonOf = ({ error }: Running): unknown => (error as LoadShedError | undefined)?.reason;

describe('a shedder without a queue', () => {
  it.each<[Priority, number]>([['criticalPlus', 10], ['critical', 10], ['sheddablePlus', 8], ['sheddable', 5]])(
    'lets calls of priority %s have %i of 10 permits',
    (priority, expected) => {
      const { shed, shedder } = setUp({ limit: fixedLimit(10) });
      const calls = Array.from({ length: 12 }, () => running(shed[priority]));
      expect(calls.filter(({ started }) => started)).toHaveLength(expected);
      expect(shedder.inFlight).toBe(expected);
      const refused = calls.at(-1)!.error as LoadShedError;
      expect(refused).toMatchObject({ reason: 'full', priority, limit: 10, policy: 'loadShed' });
      calls[0]!.end();
      expect(running(shed[priority]).started).toBe(true);
    },
  );

  it('measures a share by all who run', () => {
    const { shed } = setUp({ limit: fixedLimit(10) });
    for (let i = 0; i < 5; i++) running(shed.critical);
    expect([reasonOf(running(shed.sheddable)), running(shed.sheddablePlus).started]).toStrictEqual(['full', true]);
  });

  it('gives every priority at least one permit', () => {
    const { shed } = setUp({ limit: fixedLimit(1), shares: { sheddable: 0.01 } });
    const call = running(shed.sheddable);
    expect(call.started).toBe(true);
    expect(reasonOf(running(shed.criticalPlus))).toBe('full');
  });

  it.each([
    ['completes', of(1)],
    ['fails', throwError(() => new Error('down'))],
    ['is left', NEVER],
  ])('has its permit back once a call %s', (_, source) => {
    const { shed, shedder } = setUp({ limit: fixedLimit(1) });
    for (let i = 0; i < 3; i++) source.pipe(shed.critical).subscribe({ error: () => undefined }).unsubscribe();
    expect([shedder.inFlight, shed.critical.metrics().admitted]).toStrictEqual([0, 3]);
  });
});

describe('a shedder with a queue', () => {
  it('serves the most important first, of equal ones the older', () => {
    const { shed } = setUp({ limit: fixedLimit(1), queue: 6 });
    const log: string[] = [];
    const first = running(shed.critical);
    for (const [name, priority] of [['a', 'sheddable'], ['b', 'critical'], ['c', 'sheddablePlus'], ['d', 'criticalPlus'], ['e', 'critical'], ['f', 'sheddable']] as const) {
      defer(() => (log.push(name), EMPTY)).pipe(shed[priority]).subscribe();
    }
    first.end();
    expect(log.join('')).toBe('dbecaf');
  });

  it('displaces the newest of the least important, and nobody who is as important', () => {
    const { shed, shedder } = setUp({ limit: fixedLimit(1), queue: 3 });
    running(shed.critical);
    const [a, b, c] = [running(shed.sheddable), running(shed.sheddablePlus), running(shed.sheddable)];
    const d = running(shed.critical);
    expect([a, b, c, d].map(reasonOf)).toStrictEqual([undefined, undefined, 'displaced', undefined]);
    expect(c.error).toMatchObject({ priority: 'sheddable', limit: 1, reason: 'displaced' });
    const e = running(shed.sheddable);
    const f = running(shed.criticalPlus);
    const g = running(shed.critical);
    expect([a, b, d, e, f, g].map(reasonOf)).toStrictEqual(['displaced', 'displaced', undefined, 'full', undefined, undefined]);
    expect([reasonOf(running(shed.critical)), shedder.queued]).toStrictEqual(['full', 3]);
  });

  it('lets the important pass by those who wait for their share', () => {
    const { shed, shedder } = setUp({ limit: fixedLimit(4), queue: 2 });
    const first = [running(shed.sheddable), running(shed.sheddable)];
    const waiting = running(shed.sheddable);
    expect([waiting.started, running(shed.critical).started, shedder.inFlight]).toStrictEqual([false, true, 3]);
    first[0]!.end();
    expect(waiting.started).toBe(false);
    first[1]!.end();
    expect(waiting.started).toBe(true);
  });

  it('has linked the newcomer before the one it displaces hears of it', () => {
    const { shed, shedder } = setUp({ limit: fixedLimit(1), queue: 1 });
    const first = running(shed.critical);
    let again: Running | undefined;
    running(shed.sheddable, () => {
      expect(shedder.queued).toBe(1);
      again = running(shed.sheddable);
    });
    const newcomer = running(shed.critical);
    expect([reasonOf(again!), reasonOf(newcomer), shedder.queued]).toStrictEqual(['full', undefined, 1]);
    first.end();
    expect([newcomer.started, shedder.inFlight, shedder.queued]).toStrictEqual([true, 1, 0]);
  });

  it('starts a newcomer whose victim ends what runs, and lets go of one whose victim ends it', () => {
    const { shed, shedder } = setUp({ limit: fixedLimit(1), queue: 1 });
    const first = running(shed.critical);
    running(shed.sheddable, () => first.end());
    const second = running(shed.critical);
    expect([second.started, shedder.inFlight, shedder.queued]).toStrictEqual([true, 1, 0]);

    const leave = new Subject<void>();
    running(shed.sheddable, () => leave.next());
    new Observable((subscriber) => {
      leave.subscribe(() => subscriber.unsubscribe());
      NEVER.pipe(shed.critical).subscribe(subscriber);
    }).subscribe();
    expect([shedder.inFlight, shedder.queued]).toStrictEqual([1, 0]);
    second.end();
    expect(shedder.inFlight).toBe(0);
  });

  it('continues a waiter, and refuses one, in the context and asynchronous scope in which it came', () => {
    const { shed } = setUp({ limit: fixedLimit(1), queue: 1 });
    const tenant = new AsyncLocalStorage<string>();
    const log: unknown[] = [];
    const call = (name: string, policy: LoadShed): void => {
      const where = (what: string): unknown => log.push([what, tenant.getStore(), currentContext().tags]);
      tenant.run(name, () => runInContext({ tags: { name } }, () => {
        defer(() => (where('starts'), EMPTY)).pipe(policy).subscribe({ error: () => where('refused') });
      }));
    };
    const first = running(shed.critical);
    call('a', shed.sheddable);
    call('b', shed.critical);
    tenant.run('other', () => first.end());
    expect(log).toStrictEqual([['refused', 'a', { name: 'a' }], ['starts', 'b', { name: 'b' }]]);
  });

  it('continues 100,000 waiters that end at once without growing the stack', () => {
    const { shed, shedder } = setUp({ limit: fixedLimit(1), queue: 100_000 });
    const first = running(shed.critical);
    let completed = 0;
    const pipe = of(1).pipe(shed.critical);
    for (let i = 0; i < 100_000; i++) pipe.subscribe({ complete: () => completed++ });
    first.end();
    expect([completed, shedder.inFlight, shedder.queued]).toStrictEqual([100_000, 0, 0]);
  });

  scenario('refuses a waiter when its time is over and not before', () => setUp({ limit: fixedLimit(1), queue: { size: 2, timeout: 5 } }), ({ shed }, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -|');
    const late = new LoadShedError('loadShed', 'queue-timeout', 'sheddable', 1);
    expectObservable(cold('------|').pipe(shed.critical)).toBe('------|');
    expectObservable(source.pipe(shed.sheddable)).toBe('       -----#', undefined, late);
    expectObservable(source.pipe(shed.critical), '--^').toBe('     -------|');
    expectSubscriptions(source.subscriptions).toBe(['          ------^!']);
  });

  scenario('drops expired work first: instead of starting it, of queueing it, and of shedding others', () => setUp({ limit: fixedLimit(1), queue: 2 }), ({ shed, shedder }, { flush }) => {
    const codes: string[] = [];
    const call = (name: string, priority: Priority, ms: number): void => runInContext({ deadline: Deadline.after(ms) }, () => {
      EMPTY.pipe(shed[priority]).subscribe({ error: ({ code }: LoadShedError) => codes.push(`${name} ${code}`) });
    });
    const first = running(shed.critical);
    call('a', 'critical', 5);
    call('b', 'sheddable', 9);
    timer(5).subscribe(() => {
      call('c', 'critical', 0);
      call('d', 'critical', 9);
    });
    timer(10).subscribe(() => first.end());
    flush();
    expect(codes).toStrictEqual(['c DEADLINE_EXCEEDED', 'a DEADLINE_EXCEEDED', 'b DEADLINE_EXCEEDED']);
    expect(shed.critical.metrics()).toMatchObject({ calls: 4, admitted: 2, shed: { critical: 0 } });
    expect([shedder.inFlight, shedder.queued]).toStrictEqual([0, 0]);
  });
});

describe('load signals', () => {
  it('shed a priority while the worst of them is at or above its ceiling', () => {
    const [cpu, lag] = [new BehaviorSubject(0), new BehaviorSubject(0)];
    const { shed } = setUp({ signals: [cpu, lag] });
    const at = (a: number, b: number): string => {
      cpu.next(a);
      lag.next(b);
      return priorities.filter((priority) => running(shed[priority]).started).join();
    };
    expect(at(0.69, 0)).toBe('criticalPlus,critical,sheddablePlus,sheddable');
    expect(at(0, 0.7)).toBe('criticalPlus,critical,sheddablePlus');
    expect(at(0.85, 0.1)).toBe('criticalPlus,critical');
    expect(at(0.2, 0.95)).toBe('criticalPlus');
    expect(at(Infinity, NaN)).toBe('criticalPlus');
    expect(at(0, 0.2)).toBe('criticalPlus,critical,sheddablePlus,sheddable');
  });

  it('shed those who wait with it, all out of the queue before the least important hears of it first', () => {
    const load = new Subject<number>();
    const { shed, shedder } = setUp({ limit: fixedLimit(1), queue: 4, signals: [load] });
    const log: string[] = [];
    running(shed.critical);
    const wait = (name: string, priority: Priority): Running => running(shed[priority], () => log.push(`${name}, ${shedder.queued} wait`));
    const calls = [wait('a', 'sheddablePlus'), wait('b', 'sheddable'), wait('c', 'critical'), wait('d', 'sheddable')];
    load.next(0.9);
    expect(log).toStrictEqual(['d, 1 wait', 'b, 1 wait', 'a, 1 wait']);
    expect(calls.map(reasonOf)).toStrictEqual(['signal', 'signal', undefined, 'signal']);
  });

  it('are subscribed with the first call, in the root context, until dispose, and keep their last value', () => {
    const load = new Subject<number>();
    let context: unknown;
    const { shed, shedder } = setUp({ signals: [defer(() => ((context = currentContext()), load))] });
    expect(load.observed).toBe(false);
    runInContext({ tags: {} }, () => running(shed.critical));
    expect([load.observed, context]).toStrictEqual([true, { attempt: 1 }]);
    load.next(0.8);
    shedder.dispose();
    expect(load.observed).toBe(false);
    expect([reasonOf(running(shed.sheddable)), running(shed.sheddablePlus).started, load.observed]).toStrictEqual(['signal', true, false]);
  });

  it('that fail keep their last value too', () => {
    const load = new Subject<number>();
    const { shed } = setUp({ signals: [load] });
    running(shed.critical);
    load.next(0.8);
    load.error(new Error('gone'));
    expect(reasonOf(running(shed.sheddable))).toBe('signal');
  });
});

describe('the priority of a call', () => {
  it('is part of the context of what is further in, and of nothing else', () => {
    const { shed } = setUp();
    const log: unknown[] = [];
    defer(() => (log.push(currentContext().priority), of(1))).pipe(shed.sheddable).subscribe(() => log.push(currentContext().priority));
    expect(log).toStrictEqual(['sheddable', undefined]);
  });

  it('may be decided for each call by its context', () => {
    const { shedder } = setUp({ limit: fixedLimit(2) });
    const seen: unknown[] = [];
    const policy = loadShed((context) => (seen.push(context), context.tags?.['crawler'] === true ? 'sheddable' : 'critical'), { shedder });
    running(policy);
    const crawler = runInContext({ tags: { crawler: true }, priority: 'criticalPlus' }, () => running(policy));
    expect(crawler.error).toMatchObject({ priority: 'sheddable' });
    expect(running(policy).started).toBe(true);
    expect(seen).toStrictEqual([{ attempt: 1 }, { attempt: 1, tags: { crawler: true }, priority: 'criticalPlus' }, { attempt: 1 }]);
  });

  it.each([
    [() => { throw new Error('broken'); }, 'broken'],
    [() => 'urgent' as Priority, "priority must be one of 'criticalPlus', 'critical', 'sheddablePlus', 'sheddable', got 'urgent'"],
  ])('that cannot be decided ends the call and leaks nothing', (priority, message) => {
    const { shedder } = setUp();
    const call = running(loadShed(priority, { shedder }));
    expect((call.error as Error).message).toBe(message);
    expect([call.started, shedder.inFlight, shedder.queued]).toStrictEqual([false, 0, 0]);
  });
});

describe('a refusal', () => {
  it('says why, and costs no stack', () => {
    const shedder = loadShedder({ limit: fixedLimit(1) });
    const policy = loadShed('sheddable', { shedder, name: 'prefetch' });
    running(policy);
    const { error } = running(policy) as { error: LoadShedError };
    expect({ ...error }).toEqual({ name: 'LoadShedError', code: 'LOAD_SHED', policy: 'prefetch', reason: 'full', priority: 'sheddable', limit: 1 });
    expect(error.message).toBe('prefetch: shed, no room for it (sheddable, limit 1)');
    expect(error.stack?.split('\n')).toHaveLength(1);
    expect([isLoadShedError(error), isRejectedError(error), isResilienceError(error), isLoadShedError(new Error('x'))]).toStrictEqual([true, true, true, false]);
    policy.update({ captureStacks: true });
    expect((running(policy).error as Error).stack).toContain('\n    at ');
  });
});

describe('what a policy says of itself', () => {
  it('tells of admissions and sheddings with the context of the call', () => {
    const { shedder } = setUp({ limit: fixedLimit(1) });
    const policy = loadShed('sheddable', { shedder, name: 'prefetch' });
    const events: unknown[] = [];
    policy.events$.subscribe(({ at, ...event }) => {
      expect(typeof at).toBe('number');
      events.push(event);
    });
    runInContext({ tags: { name: 'a' } }, () => running(policy));
    running(policy);
    policy.reset();
    const common = { policy: 'prefetch', kind: 'loadShed' };
    expect(events).toStrictEqual([
      { type: 'admitted', ...common, context: { attempt: 1, priority: 'sheddable', tags: { name: 'a' } } },
      { type: 'shed', priority: 'sheddable', reason: 'full', limit: 1, ...common, context: { attempt: 1, priority: 'sheddable' } },
      { type: 'reset', ...common },
    ]);
  });

  it('counts its own calls, and shows what it shares', () => {
    const { shed } = setUp({ limit: fixedLimit(2) });
    running(shed.critical);
    running(shed.sheddable);
    running(shed.critical);
    expect(shed.sheddable.metrics()).toStrictEqual({
      calls: 1, admitted: 0, shed: { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 1 }, inFlight: 2, limit: 2,
    });
    shed.sheddable.reset();
    expect(shed.sheddable.metrics()).toMatchObject({ calls: 0, shed: { sheddable: 0 }, inFlight: 2 });
    expect(shed.critical.metrics()).toMatchObject({ calls: 2, admitted: 2 });
  });

  it('does not count after a reset what came before it', () => {
    const { shed } = setUp({ limit: fixedLimit(1), queue: 2 });
    const first = running(shed.critical);
    running(shed.critical);
    shed.critical.reset();
    first.end();
    expect(shed.critical.metrics()).toMatchObject({ calls: 0, admitted: 0, inFlight: 1 });
  });

  scenario('is degraded while a call of its priority would be refused', () => setUp({ limit: fixedLimit(2) }), ({ shed }, { cold, flush }) => {
    const seen: [string, string, number][] = [];
    const watch = (name: string, policy: LoadShed): void => {
      policy.health$.subscribe(({ status, since, details }: Health) => {
        expect(details).toStrictEqual({ shedder: 'loadShedder' });
        seen.push([name, status, since]);
      });
    };
    const mixed = loadShed(() => 'critical', { shedder: shed.critical.shedder });
    watch('critical', shed.critical);
    watch('sheddable', shed.sheddable);
    watch('mixed', mixed);
    seen.length = 0;
    timer(1).subscribe(() => cold('------|').pipe(shed.critical).subscribe());
    timer(3).subscribe(() => cold('-|').pipe(shed.critical).subscribe());
    flush();
    expect(seen).toStrictEqual([
      ['sheddable', 'degraded', 1], ['mixed', 'degraded', 1], ['critical', 'degraded', 3], ['critical', 'up', 4],
      ['sheddable', 'up', 7], ['mixed', 'up', 7],
    ]);
  });

  it('is degraded by a signal, and no longer listens to the shedder after dispose', () => {
    const load = new BehaviorSubject(0);
    const { shed } = setUp({ signals: [load] });
    const seen: string[] = [];
    shed.sheddable.health$.subscribe({ next: ({ status }) => seen.push(status), complete: () => seen.push('complete') });
    running(shed.critical);
    load.next(0.7);
    load.next(0.6);
    shed.sheddable.dispose();
    load.next(0.7);
    expect(seen).toStrictEqual(['up', 'degraded', 'up', 'complete']);
  });
});

describe('the modes of a policy', () => {
  it('shadow lets through and counts what would have been shed, and takes nothing from others', () => {
    const { shedder } = setUp({ limit: fixedLimit(1), queue: 1 });
    const enforced = loadShed('sheddable', { shedder });
    const shadow = loadShed('critical', { shedder, mode: 'shadow' });
    const [a, b, c] = [running(shadow), running(enforced), running(shadow)];
    expect([a.started, b.started, c.started, reasonOf(b)]).toStrictEqual([true, false, true, undefined]);
    const lesser = loadShed('sheddable', { shedder, mode: 'shadow' });
    expect(running(lesser).started).toBe(true);
    expect([shadow.metrics(), lesser.metrics()]).toMatchObject([
      { calls: 2, admitted: 2, inFlight: 1 },
      { calls: 1, admitted: 0, shed: { sheddable: 1 } },
    ]);
    c.end();
    expect([b.started, shedder.inFlight]).toStrictEqual([false, 1]);
    a.end();
    expect([b.started, shedder.inFlight]).toStrictEqual([true, 1]);
  });

  it('disabled neither decides nor counts, nor sets the priority', () => {
    const { shedder } = setUp({ limit: fixedLimit(1) });
    const policy = loadShed('sheddable', { shedder, mode: 'disabled' });
    const priority: unknown[] = [];
    for (let i = 0; i < 2; i++) defer(() => (priority.push(currentContext().priority), NEVER)).pipe(policy).subscribe();
    expect(priority).toStrictEqual([undefined, undefined]);
    expect(policy.metrics()).toMatchObject({ calls: 0, admitted: 0, inFlight: 0 });
  });

  it('a change lets those in who wait by this policy, beyond the limit', () => {
    const { shed, shedder } = setUp({ limit: fixedLimit(1), queue: 3 });
    const [a, b, c, d] = [running(shed.critical), running(shed.critical), running(shed.sheddable), running(shed.critical)];
    shed.critical.update({ mode: 'shadow' });
    expect([b.started, c.started, d.started, shedder.inFlight, shedder.queued]).toStrictEqual([true, false, true, 3, 1]);
    for (const call of [a, b, d]) {
      expect(c.started).toBe(false);
      call.end();
    }
    expect([c.started, shedder.inFlight]).toStrictEqual([true, 1]);
  });

  it('update changes the priority of the calls to come', () => {
    const { shedder } = setUp({ limit: fixedLimit(2) });
    const policy = loadShed('sheddable', { shedder });
    running(policy);
    expect(reasonOf(running(policy))).toBe('full');
    policy.update({ priority: 'critical' });
    expect(running(policy).started).toBe(true);
    expect(() => policy.update({ priority: 'urgent' as Priority })).toThrow(RangeError);
    expect(() => policy.update({ shedder } as never)).toThrow(TypeError);
  });
});

describe('one shedder', () => {
  beforeEach(() => {
    shared.shedder = undefined;
  });

  it('is that of the process where none is named, for up to 1,000 calls', () => {
    const [a, b] = [loadShed('critical'), loadShed('sheddable')];
    expect([a.shedder, b.shedder]).toStrictEqual([defaultShedder(), defaultShedder()]);
    expect([a.shedder.limit, a.shedder.capacity, a.shedder.name]).toStrictEqual([1_000, 0, 'process']);
    running(a);
    expect(b.metrics().inFlight).toBe(1);
  });

  it('does not stand twice in one pipe', () => {
    const { shed } = setUp();
    const other = setUp();
    expect(() => of(1).pipe(shed.critical, shed.sheddable)).toThrow(TypeError);
    expect(() => of(1).pipe(shed.critical, other.shed.critical)).not.toThrow();
    expect(() => of(1).pipe(loadShed('critical'), take(1), loadShed('critical'))).not.toThrow();
  });
});

describe('options', () => {
  it.each([
    [() => loadShedder({ limit: 5 as never }), TypeError, 'limit must be a limit such as fixedLimit(100)'],
    [() => loadShedder({ shares: { critical: 0 } }), RangeError, 'shares.critical'],
    [() => loadShedder({ shares: { critical: 1.1 } }), RangeError, 'shares.critical must be above 0 and at most 1, got 1.1'],
    [() => loadShedder({ shares: { critical: 0.5, sheddable: 0.6 } }), RangeError, 'shares.sheddable must not be more than that of a more important priority, 0.5, got 0.6'],
    [() => loadShedder({ shares: { urgent: 1 } as never }), TypeError, "shares has no option 'urgent'"],
    [() => loadShedder({ ceilings: { criticalPlus: 1 } as never }), TypeError, "ceilings has no option 'criticalPlus'"],
    [() => loadShedder({ ceilings: { critical: 0.5, sheddablePlus: 0.6 } }), RangeError, 'ceilings.sheddablePlus'],
    [() => loadShedder({ ceilings: { critical: NaN } }), RangeError, 'ceilings.critical'],
    [() => loadShedder({ queue: -1 }), RangeError, 'queue'],
    [() => loadShedder({ queue: { size: 1, order: 'fifo' } as never }), TypeError, "queue has no option 'order'"],
    [() => loadShedder({ queue: { size: 1, timeout: -1 } }), RangeError, 'queue.timeout'],
    [() => loadShedder({ signals: [1] as never }), TypeError, 'signals[0] must be an observable'],
    [() => loadShedder({ signals: of(1) as never }), TypeError, 'signals must be an array of observables'],
    [() => loadShedder({ name: '' }), TypeError, 'name'],
    [() => loadShedder({ scheduler: {} as never }), TypeError, 'scheduler'],
    [() => loadShedder({ size: 1 } as never), TypeError, "no option 'size'"],
    [() => loadShed('urgent' as never), RangeError, 'priority must be one of'],
    [() => loadShed(undefined as never), TypeError, 'priority'],
    [() => loadShed('critical', { shedder: {} as never }), TypeError, 'shedder must be made by loadShedder()'],
    [() => loadShed('critical', { isValue: 1 as never }), TypeError, 'isValue'],
    [() => loadShed('critical', { captureStacks: 1 as never }), TypeError, 'captureStacks'],
    [() => loadShed('critical', { limit: 1 } as never), TypeError, "no option 'limit'"],
  ])('are refused where they make no sense: %s', (make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  it('that are left out never give a less important priority more', () => {
    const { shed } = setUp({ limit: fixedLimit(10), shares: { critical: 0.3 } });
    for (let i = 0; i < 3; i++) running(shed.critical);
    expect([running(shed.critical).started, running(shed.sheddablePlus).started, running(shed.criticalPlus).started]).toStrictEqual([false, false, true]);
  });
});
