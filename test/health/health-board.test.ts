import { BehaviorSubject, defer, first, firstValueFrom, NEVER, Observable, of, ReplaySubject, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import type { Health, HealthStatus } from '../../src/core/health.js';
import { combineHealth } from '../../src/health/combine-health.js';
import { healthBoard, type HealthKind } from '../../src/health/health-board.js';
import type { HealthBoardOptions, HealthBoardParts } from '../../src/health/health-board-options.js';
import { healthCheck } from '../../src/health/health-check.js';
import type { HealthParts } from '../../src/health/health-source.js';
import { heartbeat } from '../../src/health/heartbeat.js';
import { warmup } from '../../src/health/warmup.js';
import { virtual } from '../virtual.js';
import { health } from './part.js';

const kinds: readonly HealthKind[] = ['live', 'startup', 'ready', 'deep'];

function boarded(parts: HealthBoardParts, options: HealthBoardOptions = {}) {
  const { scheduler, advance } = virtual();
  const board = healthBoard(parts, { ...options, scheduler });
  const listen = (kind: HealthKind) => {
    const seen: Health[] = [];
    const subscription = board[`${kind}$`].subscribe((said) => seen.push(said));
    return { seen, statuses: () => seen.map(({ status }) => status), leave: () => subscription.unsubscribe() };
  };
  const read = (kind: HealthKind) => {
    const seen: unknown[] = [];
    const subscription = board.read(kind).subscribe({ next: (said) => seen.push(said), complete: () => seen.push('|') });
    return { seen, leave: () => subscription.unsubscribe() };
  };
  return { scheduler, advance, board, listen, read };
}

/** A stream that counts who listens, and how often somebody began to. */
function counted(source: Observable<Health>) {
  const count = { begun: 0, listening: 0 };
  const stream = new Observable<Health>((subscriber) => {
    count.begun++;
    count.listening++;
    return source.subscribe(subscriber).add(() => count.listening--);
  });
  return Object.assign(count, { stream });
}

describe('a health board', () => {
  it('is up without parts, each under its name, and required', () => {
    const { listen } = boarded({});
    for (const kind of kinds) {
      expect(listen(kind).seen).toStrictEqual([{ name: kind, status: 'up', required: true, since: 0, details: {}, components: {} }]);
    }
  });

  it('shows its parts by name', () => {
    const db = health('down', { name: 'postgres' });
    const { listen } = boarded({ ready: { db: of(db) } });
    expect(listen('ready').seen).toStrictEqual([
      { name: 'ready', status: 'down', required: true, since: 0, details: {}, components: { db } },
    ]);
  });

  it('is not ready where a required policy is down, and only degraded where it is not', () => {
    const [needed, other] = [circuitBreaker({ name: 'needed', required: true }), circuitBreaker({ name: 'other' })];
    const { listen } = boarded({ ready: { needed, other } });
    const { statuses } = listen('ready');
    const isolations = [other.isolate(), needed.isolate()];
    isolations[1]!.release();
    isolations[0]!.release();
    expect(statuses()).toStrictEqual(['up', 'degraded', 'down', 'degraded', 'up']);
  });

  it('listens to its parts once for all, and only while somebody does', () => {
    const part = counted(new BehaviorSubject(health('up')));
    const { listen } = boarded({ ready: { part: part.stream } });
    expect(part.begun).toBe(0);
    const listeners = [listen('ready'), listen('ready')];
    expect(part).toMatchObject({ begun: 1, listening: 1 });
    for (const { leave } of listeners) leave();
    expect(part).toMatchObject({ begun: 1, listening: 0 });
  });

  it('tells one emission for one change, also where startup passes by it', () => {
    const breaker = circuitBreaker({ name: 'b', required: true });
    const isolation = breaker.isolate();
    const { listen } = boarded({ startup: { breaker }, ready: { breaker, whole: combineHealth({ breaker }, { name: 'w', required: true }) } });
    const { seen } = listen('ready');
    isolation.release();
    expect(seen.map(({ status }) => status)).toStrictEqual(['unknown', 'up']);
    breaker.isolate();
    expect(seen).toHaveLength(3);
  });

  it('is one emission of a greater whole, too', () => {
    const breaker = circuitBreaker({ name: 'b', required: true });
    const whole = (parts: HealthParts, name = 'w') => combineHealth(parts, { name, required: true });
    const isolation = breaker.isolate();
    const deep = whole({ inner: whole({ breaker }) });
    const { board } = boarded({ startup: { deep }, ready: { deep } });
    const seen: string[] = [];
    whole({ breaker, startup: board.startup$ }).subscribe(({ components }) => seen.push(Object.values(components!).map(({ status }) => status).join(' ')));
    whole({ breaker, ready: board.ready$ }).subscribe(({ components }) => seen.push(Object.values(components!).map(({ status }) => status).join(' ')));
    isolation.release();
    expect(seen).toStrictEqual(['down down', 'down unknown', 'up up', 'up up']);
    breaker.isolate();
    expect(seen.slice(4)).toStrictEqual(['down up', 'down down']);
  });

  it('tells since when its parts have been so, where nobody watched', () => {
    const part = new BehaviorSubject(health('down', { since: 5 }));
    const { listen, advance } = boarded({ ready: { part } });
    listen('ready').leave();
    advance(100);
    part.next(health('up', { since: 60 }));
    part.next(health('down', { since: 70 }));
    expect(listen('ready').seen[0]).toMatchObject({ status: 'down', since: 70 });
  });

  it.each([
    ['parts that are unknown', { readyness: {} }, {}, /^healthBoard: parts has no option 'readyness'; known are startup, ready, live, deep/],
    ['parts that are no record', { ready: [] }, {}, /^healthBoard: ready must be an object/],
    ['a part that is no health', { deep: { db: 'up' } }, {}, /^healthBoard: deep\.db must be a stream of health/],
    ['no parts', undefined, {}, /^healthBoard: parts must be an object/],
    ['live that is no record', { live: 3 }, {}, /^healthBoard: live must be an object/],
    ['an unknown option', {}, { deepevery: 1 }, /^healthBoard has no option 'deepevery'/],
    ['deepEvery below 1', {}, { deepEvery: 0 }, /^healthBoard: deepEvery must be of at least 1/],
    ['deepEvery without end', {}, { deepEvery: Infinity }, /^healthBoard: deepEvery must be/],
    ['readWithin below 0', {}, { readWithin: -1 }, /^healthBoard: readWithin must be of at least 0/],
    ['a scheduler that is none', {}, { scheduler: 1 }, /^healthBoard: scheduler must be an RxJS scheduler/],
  ])('refuses %s', (_title, parts, options, message) => {
    expect(() => healthBoard(parts as never, options as never)).toThrow(message);
  });
});

describe('liveness', () => {
  it.each([
    ['a check of a dependency', healthCheck('db', () => true)],
    ['a policy', circuitBreaker({ name: 'payments' })],
    ['a stream that is always up', of(health('up'))],
    ['the stream of a heartbeat', heartbeat('loop', { within: 1 }).health$],
    ['a warm-up', warmup('cache', NEVER)],
    ['nothing', undefined],
  ])('refuses %s, and explains why', (_title, part) => {
    const make = () => healthBoard({ live: { it: part as never } });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(/^healthBoard: live\.it must be a heartbeat.*a restart repairs no dependency.*would be restarted at once.*belongs in ready.*heartbeat\(name, \{ within \}\)/s);
  });

  it('takes a heartbeat of another copy of the library', () => {
    const other = { name: 'loop', beat: () => undefined, health$: of(health('down')), [Symbol.for('rxjs-resilience/v1/heartbeat')]: true };
    expect(boarded({ live: { other } }).listen('live').statuses()).toStrictEqual(['down']);
  });

  it('is what no dependency, drain or failed startup moves', () => {
    const dependency = new BehaviorSubject(health('down'));
    const parts = { it: dependency };
    const { advance, board, listen } = boarded({ startup: parts, ready: parts, deep: parts });
    const { statuses } = listen('live');
    for (const status of ['up', 'unknown', 'degraded', 'down'] as const) dependency.next(health(status));
    board.drain();
    advance(1_000_000);
    expect(statuses()).toStrictEqual(['up']);
  });

  it('gives a loop its whole time from when startup has passed', () => {
    const { scheduler, advance } = virtual();
    const loop = heartbeat('loop', { within: 100, scheduler });
    const started = new Subject<void>();
    const board = healthBoard({ startup: { work: warmup('work', started, { scheduler }) }, live: { loop } }, { scheduler });
    const statuses: string[] = [];
    board.live$.subscribe(({ status }) => statuses.push(status));
    loop.beat();
    advance(60_000);
    started.complete();
    advance(99);
    expect(statuses).toStrictEqual(['up', 'up']);
    advance(1);
    expect(statuses).toStrictEqual(['up', 'up', 'down']);
  });
});

describe('the gate of startup', () => {
  it('is said in the details, and neither readiness nor deep asks anything before', () => {
    const [startup, ready, deep] = [new Subject<Health>(), counted(of(health('up'))), counted(of(health('up')))];
    const { listen } = boarded({ startup: { it: startup }, ready: { it: ready.stream }, deep: { it: deep.stream } });
    for (const kind of ['ready', 'deep'] as const) {
      expect(listen(kind).seen).toStrictEqual([
        { name: kind, status: 'unknown', required: true, since: 0, details: { waitingFor: 'startup' } },
      ]);
    }
    expect([ready.begun, deep.begun]).toStrictEqual([0, 0]);
    startup.next(health('up'));
    expect([ready.begun, deep.begun]).toStrictEqual([1, 1]);
  });

  it.each(kinds)('is watched where only %s is looked at', (kind) => {
    const startup = new Subject<Health>();
    const part = counted(startup);
    const { board, listen } = boarded({ startup: { it: part.stream }, live: { loop: heartbeat('loop', { within: 1_000 }) } });
    const { leave } = listen(kind);
    startup.next(health('up'));
    leave();
    expect(part).toMatchObject({ begun: 1, listening: 0 });
    const seen: string[] = [];
    board.startup$.subscribe(({ status }) => seen.push(status));
    expect(seen).toStrictEqual(['up']);
    expect(part.begun).toBe(1);
  });

  it('stays as it passed', () => {
    const startup = new BehaviorSubject(health('degraded'));
    const { listen } = boarded({ startup: { it: startup }, ready: {} });
    const { seen } = listen('startup');
    startup.next(health('down'));
    expect(seen.map(({ status }) => status)).toStrictEqual(['degraded']);
    expect(listen('startup').seen).toStrictEqual(seen);
    expect(listen('ready').statuses()).toStrictEqual(['up']);
  });

  it('is not held by a part that is not required', () => {
    const { listen } = boarded({ startup: { optional: of(health('unknown', { required: false })) } });
    expect(listen('startup').statuses()).toStrictEqual(['up']);
  });
});

describe('drain', () => {
  it('is told at once, with its reason, and once', () => {
    const { advance, board, listen } = boarded({ ready: { it: of(health('up')) } });
    const { seen } = listen('ready');
    advance(5);
    expect(board.isDraining).toBe(false);
    board.drain('SIGTERM');
    board.drain('again');
    expect(board.isDraining).toBe(true);
    expect(seen.slice(1)).toStrictEqual([
      { name: 'ready', status: 'down', required: true, since: 5, details: { draining: true, reason: 'SIGTERM' }, components: { it: health('up') } },
    ]);
  });

  it('needs no reason', () => {
    const { board, listen } = boarded({});
    board.drain();
    expect(listen('ready').seen[0]!.details).toStrictEqual({ draining: true });
  });

  it('was then, also where nobody listened', () => {
    const { advance, board, listen } = boarded({});
    advance(5);
    board.drain();
    advance(5);
    expect(listen('ready').seen[0]).toMatchObject({ status: 'down', since: 5 });
  });

  it('waits for no part', () => {
    const { board, listen } = boarded({ startup: { never: NEVER }, ready: { never: NEVER } });
    const { statuses } = listen('ready');
    board.drain();
    expect(statuses()).toStrictEqual(['unknown', 'down']);
  });

  it('leaves deep as it is', () => {
    const { board, listen } = boarded({ deep: { it: of(health('degraded')) } });
    board.drain();
    expect(listen('deep').statuses()).toStrictEqual(['degraded']);
  });

  it('may be called by who listens', () => {
    const part = new BehaviorSubject(health('up'));
    const { board, listen } = boarded({ ready: { part } });
    board.ready$.subscribe(({ status }) => status === 'degraded' && board.drain());
    const { statuses } = listen('ready');
    part.next(health('degraded'));
    expect(statuses()).toStrictEqual(['up', 'degraded', 'down']);
  });
});

describe('deep', () => {
  it('cannot be used against the dependencies: a thousand readers ask them once', () => {
    let asked = 0;
    const probe = defer(() => (asked++, of(health('up'))));
    const { advance, listen, read } = boarded({ deep: { probe } });
    for (let i = 0; i < 1_000; i++) {
      listen('deep').leave();
      read('deep');
      advance(9);
    }
    expect(asked).toBe(1);
    advance(1_000);
    listen('deep').leave();
    expect(asked).toBe(2);
  });

  it('nor by those who leave before the answer: what was begun goes on, and serves the next', () => {
    const answer = new Subject<Health>();
    const part = counted(answer);
    const { advance, read } = boarded({ deep: { part: part.stream } });
    for (let i = 0; i < 100; i++) read('deep').leave();
    expect(part).toMatchObject({ begun: 1, listening: 1 });
    answer.next(health('degraded'));
    expect(part).toMatchObject({ begun: 1, listening: 0 });
    expect(read('deep').seen).toMatchObject([{ status: 'degraded' }, '|']);
    advance(9_999);
    expect(read('deep').seen).toMatchObject([{ status: 'degraded' }, '|']);
    expect(part.begun).toBe(1);
    advance(1);
    read('deep');
    expect(part.begun).toBe(2);
  });

  it('asks those again that answer once, and shows what they said until then', () => {
    const answers: Subject<Health>[] = [];
    const once = defer(() => (answers[answers.length] = new Subject()).pipe(first()));
    const { advance, listen } = boarded({ deep: { once } }, { deepEvery: 100 });
    const { statuses } = listen('deep');
    answers[0]!.next(health('up'));
    advance(99);
    expect(answers).toHaveLength(1);
    advance(1);
    expect(answers).toHaveLength(2);
    expect(statuses()).toStrictEqual(['unknown', 'up']);
    answers[1]!.error(new Error('gone'));
    advance(100);
    answers[2]!.next(health('up'));
    expect(statuses()).toStrictEqual(['unknown', 'up', 'down', 'up']);
  });

  it('is one emission where several of them answer at once', () => {
    const says = { a: 'up', b: 'up' } as Record<string, HealthStatus>;
    const once = (key: string): Observable<Health> => defer(() => of(health(says[key]!)));
    const { advance, listen } = boarded({ deep: { a: once('a'), b: once('b') } }, { deepEvery: 100 });
    const { seen } = listen('deep');
    Object.assign(says, { a: 'down', b: 'down' });
    advance(100);
    expect(seen.map(({ components }) => Object.values(components!).map(({ status }) => status))).toStrictEqual([
      ['up', 'up'],
      ['down', 'down'],
    ]);
  });

  it('shows what it knows until it may ask again', () => {
    const answers: Subject<Health>[] = [];
    const once = defer(() => (answers[answers.length] = new Subject()));
    const { advance, listen } = boarded({ deep: { once } }, { deepEvery: 100 });
    listen('deep').leave();
    answers[0]!.next(health('up'));
    advance(99);
    expect(listen('deep').statuses()).toStrictEqual(['up']);
    advance(200);
    const { statuses } = listen('deep');
    // The second one stayed, and asked again when the time was over.
    expect([answers.length, ...statuses()]).toStrictEqual([2, 'up']);
  });

  it('does not show what it knew before that', () => {
    const answers: Subject<Health>[] = [];
    const once = defer(() => (answers[answers.length] = new Subject()));
    const { advance, listen } = boarded({ deep: { once } }, { deepEvery: 100 });
    listen('deep').leave();
    answers[0]!.next(health('up'));
    advance(100);
    const { statuses } = listen('deep');
    answers[1]!.next(health('down'));
    expect(statuses()).toStrictEqual(['unknown', 'down']);
  });

  it('leaves no timer and no part once nobody has looked for deepEvery', () => {
    const part = counted(NEVER);
    const { advance, listen, scheduler } = boarded({ deep: { part: part.stream } }, { deepEvery: 100 });
    listen('deep').leave();
    advance(100);
    expect([part.listening, scheduler.actions.length]).toStrictEqual([0, 0]);
  });
});

describe('reading once', () => {
  it.each(kinds)('answers for %s at once where there is nothing to wait for', (kind) => {
    const { read, listen } = boarded({});
    const [said] = listen(kind).seen;
    expect(read(kind).seen).toStrictEqual([said, '|']);
  });

  it('waits for a required part of ready that has not spoken yet', () => {
    const { scheduler, advance } = virtual();
    const answer = new Subject<boolean>();
    const db = healthCheck('db', () => answer, { required: true, scheduler });
    const board = healthBoard({ ready: { db } }, { scheduler });
    const seen: unknown[] = [];
    board.read('ready').subscribe({ next: ({ status }) => seen.push(status), complete: () => seen.push('|') });
    advance(500);
    expect(seen).toStrictEqual([]);
    answer.next(true);
    expect(seen).toStrictEqual(['up', '|']);
  });

  it('waits for any part of deep, and of ready only for what matters', () => {
    const part = new BehaviorSubject(health('unknown', { required: false }));
    const { read } = boarded({ ready: { part }, deep: { part } });
    const [ready, deep] = [read('ready'), read('deep')];
    expect(ready.seen).toMatchObject([{ status: 'up' }, '|']);
    expect(deep.seen).toStrictEqual([]);
    part.next(health('degraded', { required: false }));
    expect(deep.seen).toMatchObject([{ status: 'degraded' }, '|']);
  });

  it.each(['ready', 'deep'] as const)('answers for %s after readWithin with what there is', (kind) => {
    const { advance, read } = boarded({ [kind]: { silent: NEVER } }, { readWithin: 300 });
    const { seen } = read(kind);
    advance(299);
    expect(seen).toStrictEqual([]);
    advance(1);
    expect(seen).toMatchObject([{ status: 'unknown', components: { silent: { status: 'unknown' } } }, '|']);
  });

  it('with readWithin 0 waits for no time', () => {
    const { advance, read } = boarded({ ready: { silent: NEVER } }, { readWithin: 0 });
    const { seen } = read('ready');
    advance(0);
    expect(seen).toMatchObject([{ status: 'unknown' }, '|']);
  });

  it.each(['ready', 'deep'] as const)('does not wait for %s while startup has not passed, or the process drains', (kind) => {
    const { board, read } = boarded({ startup: { silent: NEVER }, [kind]: { silent: NEVER } });
    expect(read(kind).seen).toMatchObject([{ status: 'unknown', details: { waitingFor: 'startup' } }, '|']);
    board.drain();
    expect(read('ready').seen).toMatchObject([{ status: 'down' }, '|']);
  });

  it('lets what it has begun run on, so that a probe that is due is not left', () => {
    const { scheduler, advance } = virtual();
    const answers: Subject<boolean>[] = [];
    const db = healthCheck('db', () => (answers[answers.length] = new Subject()), { required: true, scheduler, spread: 0 });
    const board = healthBoard({ ready: { db } }, { scheduler, readWithin: 3_000 });
    const seen: string[] = [];
    const read = (): void => void board.read('ready').subscribe(({ status }) => seen.push(status));
    read();
    answers[0]!.next(true);
    advance(15_000);
    read();
    expect(answers).toHaveLength(2);
    answers[1]!.next(false);
    advance(12_000);
    read();
    answers[2]!.next(false);
    advance(12_000);
    read();
    expect(seen).toStrictEqual(['up', 'up', 'up', 'down']);
    advance(10_000);
    expect(scheduler.actions).toHaveLength(0);
  });

  it('leaves no timer once its time is over, whether it was answered or left', () => {
    const { advance, read, scheduler } = boarded({ ready: { silent: NEVER } });
    read('ready').leave();
    read('ready');
    advance(5_000);
    expect(scheduler.actions).toHaveLength(0);
  });

  it.each(['ready', 'deep', 'startup'] as const)('leaves no timer of %s where the answer was there, or has come', (kind) => {
    const answer = new ReplaySubject<Health>(1);
    const { read, scheduler } = boarded({ [kind]: { it: of(health('up')), answer, check: healthCheck('db', () => true) } });
    const { seen } = read(kind);
    answer.next(health('up'));
    expect(seen.at(-1)).toBe('|');
    read(kind);
    expect(scheduler.actions).toHaveLength(0);
  });

  it('lets a probe end that runs when its reader leaves, and begins no further one', () => {
    const { scheduler, advance } = virtual();
    const answers: Subject<boolean>[] = [];
    const db = healthCheck('db', () => (answers[answers.length] = new Subject()), { required: true, scheduler, every: 1_000, timeout: 500 });
    const board = healthBoard({ ready: { db } }, { scheduler, readWithin: 0 });
    board.read('ready').subscribe().unsubscribe();
    advance(1);
    answers[0]!.next(true);
    advance(900);
    expect([answers.length, scheduler.actions.length]).toStrictEqual([1, 0]);
    const seen: string[] = [];
    board.read('ready').subscribe(({ status }) => seen.push(status));
    expect(seen).toStrictEqual(['up']);
    // Who listens, and leaves, still ends it.
    advance(200);
    board.ready$.subscribe().unsubscribe();
    advance(1);
    expect([answers.length, answers[1]!.observed, scheduler.actions.length]).toStrictEqual([2, false, 0]);
  });

  it('can be awaited', async () => {
    const board = healthBoard({ ready: { it: of(health('up')) } });
    await expect(firstValueFrom(board.read('ready'))).resolves.toMatchObject({ status: 'up' });
    board.dispose();
  });
});

describe('dispose', () => {
  it('completes who listens and who reads, and leaves nothing running', () => {
    const parts = [counted(NEVER), counted(NEVER)];
    const { advance, board, listen, read, scheduler } = boarded({ ready: { it: parts[0]!.stream }, deep: { it: parts[1]!.stream } });
    const completed: string[] = [];
    for (const kind of kinds) board[`${kind}$`].subscribe({ complete: () => completed.push(kind) });
    const waiting = [read('ready'), read('deep')];
    listen('deep').leave();
    board.dispose();
    board.dispose();
    expect(completed.sort()).toStrictEqual([...kinds].sort());
    for (const { seen } of waiting) expect(seen).toMatchObject([{ status: 'unknown' }, '|']);
    expect(parts.map(({ listening }) => listening)).toStrictEqual([0, 0]);
    expect(scheduler.actions).toHaveLength(0);
    advance(100_000);
    expect(parts.map(({ begun }) => begun)).toStrictEqual([1, 1]);
  });

  it('gives who comes later the last health and the completion, and asks nothing', () => {
    const part = counted(of(health('degraded')));
    const { board, listen, read } = boarded({ ready: { it: part.stream } });
    listen('ready');
    board.dispose();
    expect(listen('ready').statuses()).toStrictEqual(['degraded']);
    expect(read('ready').seen).toMatchObject([{ status: 'degraded' }, '|']);
    expect(part.begun).toBe(1);
  });
});
