import { first } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Health } from '../../src/core/health.js';
import { heartbeat, isHeartbeat } from '../../src/health/heartbeat.js';
import { virtual } from '../virtual.js';
import { Hand } from '../hand.js';

function beating(within = 100) {
  const { scheduler, advance } = virtual();
  const pulse = heartbeat('consumer', { within, scheduler });
  const seen: Health[] = [];
  const listen = () => pulse.health$.subscribe((health) => seen.push(health));
  return { scheduler, advance, pulse, seen, listen, statuses: () => seen.map(({ status }) => status) };
}

describe('a heartbeat', () => {
  it('is up, and required', () => {
    const { listen, seen } = beating();
    listen();
    expect(seen).toStrictEqual([{ name: 'consumer', status: 'up', required: true, since: 0, details: { within: 100 } }]);
  });

  it.each([
    [99, ['up']],
    [100, ['up', 'down']],
    [101, ['up', 'down']],
  ])('%i ms after the last beat it is %j', (ms, expected) => {
    const { advance, listen, pulse, statuses } = beating();
    listen();
    advance(50);
    pulse.beat();
    advance(ms);
    expect(statuses()).toStrictEqual(expected);
  });

  it('tells when it stopped, when it last beat, and since when it beats again', () => {
    const { advance, listen, pulse, seen } = beating();
    listen();
    advance(50);
    pulse.beat();
    advance(1_000);
    pulse.beat();
    expect(seen.slice(1)).toStrictEqual([
      { name: 'consumer', status: 'down', required: true, since: 150, details: { within: 100, lastBeat: 50 } },
      { name: 'consumer', status: 'up', required: true, since: 1_050, details: { within: 100 } },
    ]);
  });

  it('goes on counting after it has beaten again', () => {
    const { advance, listen, pulse, statuses } = beating();
    listen();
    advance(500);
    pulse.beat();
    advance(99);
    pulse.beat();
    advance(99);
    expect(statuses()).toStrictEqual(['up', 'down', 'up']);
    advance(1);
    expect(statuses()).toStrictEqual(['up', 'down', 'up', 'down']);
  });

  it('counts from when somebody first listens, however long ago it was made or has beaten', () => {
    const { advance, listen, pulse, statuses } = beating();
    pulse.beat();
    advance(10_000);
    listen();
    advance(99);
    expect(statuses()).toStrictEqual(['up']);
    advance(1);
    expect(statuses()).toStrictEqual(['up', 'down']);
  });

  it('counts on while nobody listens, without a timer', () => {
    const { advance, listen, scheduler, seen } = beating();
    listen().unsubscribe();
    expect(scheduler.actions).toHaveLength(0);
    advance(500);
    listen();
    expect(seen.map(({ status, since }) => [status, since])).toStrictEqual([['up', 0], ['down', 100]]);
    expect(scheduler.actions).toHaveLength(0);
  });

  it('beats while nobody listens', () => {
    const { advance, listen, pulse, statuses } = beating();
    listen().unsubscribe();
    advance(500);
    pulse.beat();
    advance(50);
    listen();
    advance(49);
    expect(statuses()).toStrictEqual(['up', 'up']);
    advance(1);
    expect(statuses()).toStrictEqual(['up', 'up', 'down']);
  });

  it('has been up since it beat again, also where nobody listened then', () => {
    const { advance, listen, pulse, seen } = beating();
    const subscription = listen();
    advance(200);
    subscription.unsubscribe();
    pulse.beat();
    advance(50);
    listen();
    expect(seen.map(({ status, since }) => [status, since])).toStrictEqual([['up', 0], ['down', 100], ['up', 200]]);
  });

  it('makes no timer for a beat', () => {
    const { advance, listen, pulse, scheduler } = beating();
    listen();
    let most = 0;
    for (let i = 0; i < 1_000; i++) {
      pulse.beat();
      advance(1);
      most = Math.max(most, scheduler.actions.length);
    }
    expect(most).toBe(1);
  });

  it('leaves no timer where a listener leaves by what it is told', () => {
    const { advance, pulse, scheduler } = beating();
    pulse.health$.pipe(first(({ status }) => status === 'down')).subscribe();
    advance(100);
    expect(scheduler.actions).toHaveLength(0);
    pulse.beat();
    expect(scheduler.actions).toHaveLength(0);
  });

  it('is told apart by a mark that another copy of the library sets as well', () => {
    const { pulse } = beating();
    expect(isHeartbeat(pulse)).toBe(true);
    expect(isHeartbeat({ [Symbol.for('rxjs-resilience/v1/heartbeat')]: true, name: 'other' })).toBe(true);
    for (const other of [undefined, null, {}, pulse.health$, { ...pulse }, () => undefined]) expect(isHeartbeat(other)).toBe(false);
  });
});

describe('a heartbeat of a process that stood still', () => {
  const stood = () => {
    const scheduler = new Hand();
    const pulse = heartbeat('consumer', { within: 100, scheduler });
    const statuses: string[] = [];
    pulse.health$.subscribe(({ status }) => statuses.push(status));
    return { scheduler, pulse, statuses };
  };

  it('lets a beat in first that was on its way', () => {
    const { scheduler, pulse, statuses } = stood();
    scheduler.turn(60_000);
    pulse.beat();
    scheduler.turn(0);
    expect(statuses).toStrictEqual(['up']);
    scheduler.run(99);
    expect(statuses).toStrictEqual(['up']);
    scheduler.run(1);
    expect(statuses).toStrictEqual(['up', 'down']);
  });

  it('shows nobody a stop before that', () => {
    const { scheduler, pulse, statuses } = stood();
    scheduler.turn(60_000);
    pulse.health$.subscribe(({ status }) => statuses.push(status));
    expect(statuses).toStrictEqual(['up', 'up']);
  });

  it('is down where none came', () => {
    const { scheduler, statuses } = stood();
    scheduler.turn(60_000);
    scheduler.turn(1);
    expect(statuses).toStrictEqual(['up', 'down']);
  });

  it('does not wait where its timer was punctual', () => {
    const { scheduler, statuses } = stood();
    scheduler.turn(120);
    expect(statuses).toStrictEqual(['up', 'down']);
  });

  it('waits again the next time', () => {
    const { scheduler, pulse, statuses } = stood();
    scheduler.turn(1_000);
    pulse.beat();
    scheduler.turn(1);
    scheduler.turn(1_000);
    expect(statuses).toStrictEqual(['up']);
    pulse.beat();
    scheduler.turn(1);
    expect(statuses).toStrictEqual(['up']);
  });
});
