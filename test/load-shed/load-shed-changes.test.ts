import { defer, NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fixedLimit, type LoadShed, loadShed, loadShedder } from 'rxjs-resilience';
import { outcome, virtual } from '../virtual.js';

const hasStack = (error: unknown): boolean => /\n\s+at /.test((error as Error).stack ?? '');
const refusalOf = (shed: LoadShed): unknown => outcome(NEVER.pipe(shed)).log[0];
const setUp = (options: object = {}, queue: number | { size: number; timeout: number } = 0) => {
  const { scheduler, advance } = virtual();
  const shedder = loadShedder({ limit: fixedLimit(1), queue, scheduler });
  return { advance, shed: loadShed('critical', { shedder, scheduler, ...options }), shedder };
};

describe('the stack of a call that is shed', () => {
  it('is there where it was asked for, and stays so in an update of something else', () => {
    const { shed } = setUp({ captureStacks: true });
    outcome(NEVER.pipe(shed));
    expect(hasStack(refusalOf(shed))).toBe(true);
    shed.update({ required: true });
    expect(hasStack(refusalOf(shed))).toBe(true);
    shed.update({ captureStacks: false });
    expect(hasStack(refusalOf(shed))).toBe(false);
  });

  it('is there for a waiter too', () => {
    const { shed, advance } = setUp({ captureStacks: true }, { size: 1, timeout: 5 });
    outcome(NEVER.pipe(shed));
    const { log } = outcome(NEVER.pipe(shed));
    advance(5);
    expect(log).toMatchObject([{ reason: 'queue-timeout' }]);
    expect(hasStack(log[0])).toBe(true);
  });
});

describe('a change of mode', () => {
  it('does not count one who is gone by the time its turn comes', () => {
    const { shed, shedder } = setUp({}, 3);
    outcome(NEVER.pipe(shed));
    outcome(defer(() => (second.leave(), NEVER)).pipe(shed));
    const second = outcome(NEVER.pipe(shed));
    const told: string[] = [];
    shed.events$.subscribe(({ type }) => told.push(type));
    shed.update({ mode: 'shadow' });
    expect(told).toStrictEqual(['admitted']);
    expect([shed.metrics().admitted, shedder.inFlight, shedder.queued]).toStrictEqual([2, 2, 0]);
  });

  it('lets nobody in where the mode is the one it had, or only the priority changes', () => {
    const { shed, shedder } = setUp({}, 3);
    outcome(NEVER.pipe(shed));
    outcome(NEVER.pipe(shed));
    shed.update({ mode: 'enforce', priority: 'sheddable' });
    expect([shedder.inFlight, shedder.queued]).toStrictEqual([1, 1]);
  });

  it('is seen in health at once', () => {
    const { shed } = setUp();
    outcome(NEVER.pipe(shed));
    const seen: unknown[] = [];
    shed.health$.subscribe(({ status, required }) => seen.push([status, required]));
    shed.update({ mode: 'shadow' });
    shed.update({ required: true });
    expect(seen).toStrictEqual([['degraded', false], ['up', false], ['up', true]]);
  });
});

describe('the health of a policy that sheds', () => {
  it('is degraded since a call would be refused, and up since one would not be', () => {
    const { advance, shed } = setUp();
    const seen: unknown[] = [];
    shed.health$.subscribe(({ status, since }) => seen.push([status, since]));
    advance(3);
    const call = outcome(NEVER.pipe(shed));
    advance(4);
    refusalOf(shed);
    call.leave();
    expect(seen).toStrictEqual([['up', 0], ['degraded', 3], ['up', 7]]);
  });

  it('of one whose priority depends on the call is that of the least important', () => {
    const { scheduler } = virtual();
    const shedder = loadShedder({ limit: fixedLimit(2), scheduler });
    const seen: string[] = [];
    loadShed(() => 'critical', { shedder, scheduler }).health$.subscribe(({ status }) => seen.push(status));
    outcome(NEVER.pipe(loadShed('critical', { shedder, scheduler })));
    expect(seen).toStrictEqual(['up', 'degraded']);
  });
});

it.each([[undefined, {}], ['operator', { caller: 'operator' }]])('a reset by %s is told, and forgets what was shed', (caller, named) => {
  const { shed } = setUp();
  outcome(NEVER.pipe(shed));
  refusalOf(shed);
  const told: object[] = [];
  shed.events$.subscribe((event) => told.push(event));
  shed.reset(caller);
  expect(told).toStrictEqual([{ type: 'reset', policy: 'loadShed', kind: 'loadShed', at: 0, ...named }]);
  const nothing = { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 0 };
  expect(shed.metrics()).toStrictEqual({ calls: 0, admitted: 0, shed: nothing, inFlight: 1, limit: 1 });
});

it('a policy that is disposed of hears no more of its shedder', () => {
  const { shed, shedder } = setUp();
  shed.health$.subscribe();
  shed.dispose();
  const events = shed.events$;
  let over = false;
  events.subscribe({ complete: () => (over = true) });
  expect([over, outcome(of(1).pipe(shed)).log, shedder.inFlight]).toStrictEqual([true, [1, '|'], 0]);
});
