import { asyncScheduler, type SchedulerLike, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it, vi } from 'vitest';
import { TimerEntry, timeSourceOf } from '../../src/operator/timer-list.js';
import { after } from '../../src/operator/timer.js';
import { Hand } from '../hand.js';

class Entry extends TimerEntry {
  constructor(private readonly log: (late: number) => void) {
    super();
  }

  override fire(late: number): void {
    this.log(late);
  }
}

function on(scheduler: SchedulerLike): { add: (duration: number, log: (late: number) => void) => Entry } {
  const source = timeSourceOf(scheduler);
  return {
    add: (duration, log) => {
      const entry = new Entry(log);
      source.add(entry, duration, source.clock.now(), scheduler.now());
      return entry;
    },
  };
}

describe('a timer list', () => {
  it('fires each entry when it is due, in the order in which they came', () => {
    const scheduler = new VirtualTimeScheduler();
    const { add } = on(scheduler);
    const fired: string[] = [];
    add(10, (late) => fired.push(`a ${scheduler.frame} ${late}`));
    scheduler.schedule(() => void add(10, (late) => fired.push(`b ${scheduler.frame} ${late}`)), 4);
    scheduler.schedule(() => void add(5, (late) => fired.push(`c ${scheduler.frame} ${late}`)), 4);
    scheduler.flush();
    expect(fired).toStrictEqual(['c 9 0', 'a 10 0', 'b 14 0']);
  });

  it('costs a call that is shorter than a millisecond one look for all of them, and no timer of its own', () => {
    const hand = new Hand();
    const { add } = on(hand);
    for (let i = 0; i < 100; i++) add(5_000, () => expect.fail('was cancelled')).cancel();
    expect(hand.armed).toStrictEqual([1]);
    hand.turn(1);
    expect(hand.armed).toStrictEqual([]);
  });

  it('shares one armed timer, and takes it along with the last entry', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const entries = [add(5_000, () => undefined), add(5_000, () => undefined)];
    hand.turn(1);
    expect(hand.armed).toStrictEqual([4_999]);
    entries[0]!.cancel();
    expect(hand.armed).toStrictEqual([4_999]);
    entries[1]!.cancel();
    expect(hand.armed).toStrictEqual([]);
  });

  it('lets input in first where it fires more than 20 ms late, and says by how much', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const fired: number[] = [];
    add(100, (late) => fired.push(late));
    hand.turn(1);
    hand.turn(1_099);
    expect(fired).toStrictEqual([]);
    expect(hand.armed).toStrictEqual([0]);
    hand.turn(0);
    expect(fired).toStrictEqual([1_000]);
  });

  it('fires at once where it is up to 20 ms late', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const fired: number[] = [];
    add(100, (late) => fired.push(late));
    hand.turn(1);
    hand.turn(119);
    expect(fired).toStrictEqual([20]);
  });

  it('is spared by an entry that was answered by the input that came in', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const entry = add(100, () => expect.fail('its answer had arrived'));
    hand.turn(1);
    hand.turn(1_099);
    entry.cancel();
    hand.turn(0);
    expect(hand.armed).toStrictEqual([]);
  });

  it('goes on with the others where one of them throws', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const fired: string[] = [];
    add(10, () => {
      throw new Error('thrown');
    });
    add(10, () => fired.push('other'));
    hand.turn(1);
    expect(() => hand.turn(9)).toThrow('thrown');
    hand.turn(0);
    expect(fired).toStrictEqual(['other']);
  });

  it('lets an entry add the next one', () => {
    const scheduler = new VirtualTimeScheduler();
    const { add } = on(scheduler);
    const fired: number[] = [];
    const again = (): void => {
      fired.push(scheduler.frame);
      if (fired.length < 4) add(10, again);
    };
    add(10, again);
    scheduler.flush();
    expect(fired).toStrictEqual([10, 20, 30, 40]);
  });

  it('leaves a timer of real time alone in virtual time, and the other way round', () => {
    const armed = new Set<unknown>();
    const set = vi.spyOn(globalThis, 'setInterval');
    const clear = vi.spyOn(globalThis, 'clearInterval').mockImplementation((timer) => void armed.delete(timer));
    set.mockImplementation((() => {
      const timer = { fire: () => undefined };
      armed.add(timer);
      return timer;
    }) as never);
    try {
      const { add } = on(asyncScheduler);
      const outside = add(50_000, () => expect.fail('is never due'));
      expect(armed.size).toBe(1);
      const fired: number[] = [];
      const virtual = new TestScheduler(() => undefined);
      virtual.run(() => {
        add(50_000, () => fired.push(virtual.frame));
        add(50_000, () => expect.fail('is cancelled at once')).cancel();
        outside.cancel();
      });
      expect(fired).toStrictEqual([50_000]);
      expect({ armed: armed.size, cleared: clear.mock.calls.length }).toStrictEqual({ armed: 1, cleared: 0 });
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe('a long delay', () => {
  it('is armed in pieces, each within what setTimeout can bear', () => {
    const scheduler = new VirtualTimeScheduler();
    const delay = 80 * 86_400_000;
    let fired = -1;
    after(scheduler, delay, () => (fired = scheduler.frame));
    const pieces: number[] = [];
    const { schedule } = scheduler;
    scheduler.schedule = ((work, wait, state) => {
      pieces.push(wait ?? 0);
      return schedule.call(scheduler, work as never, wait, state as never);
    }) as typeof schedule;
    scheduler.flush();
    expect(fired).toBe(delay);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(2 ** 31 - 1);
  });

  it('can be given up between two pieces', () => {
    const hand = new Hand();
    const timer = after(hand, 80 * 86_400_000, () => expect.fail('was given up'));
    hand.turn(2 ** 31 - 1);
    timer.unsubscribe();
    expect(hand.armed).toStrictEqual([]);
  });
});
