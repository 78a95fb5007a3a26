import { setTimeout as sleep } from 'node:timers/promises';
import { asyncScheduler, type SchedulerLike, type Subscription, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
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
      source.add(entry, duration, source.clock.now());
      return entry;
    },
  };
}

/** The timers that are armed from now on: of how long, and how many of them neither have fired nor were cleared. */
function arming(): { readonly delays: readonly number[]; readonly left: () => number } {
  const delays: number[] = [];
  const left = new Set<Subscription>();
  const { schedule } = asyncScheduler;
  asyncScheduler.schedule = function (this: typeof asyncScheduler, work: () => void, delay = 0) {
    delays.push(delay);
    const action: Subscription = Reflect.apply(schedule, this, [
      function (this: unknown) {
        left.delete(action);
        Reflect.apply(work, this, []);
      },
      delay,
    ]);
    left.add(action);
    action.add(() => left.delete(action));
    return action;
  } as typeof schedule;
  onTestFinished(() => void (asyncScheduler.schedule = schedule));
  return { delays, left: () => left.size };
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

  it('leaves nothing armed in the time of a test for an entry that is cancelled at once', () => {
    const hand = new Hand();
    const { add } = on(hand);
    for (let i = 0; i < 100; i++) add(5_000, () => expect.fail('was cancelled')).cancel();
    expect(hand.armed).toStrictEqual([]);
  });

  it('shares one armed timer between entries of any duration, and takes it along with the last entry', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const entries = [add(5_000, () => undefined), add(5_000, () => undefined), add(9_000.5, () => undefined)];
    expect(hand.armed).toStrictEqual([5_000]);
    entries[0]!.cancel();
    entries[2]!.cancel();
    expect(hand.armed).toStrictEqual([5_000]);
    entries[1]!.cancel();
    expect(hand.armed).toStrictEqual([]);
  });

  it('arms a timer that is earlier for an entry that is due sooner, in whole milliseconds', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const fired: string[] = [];
    add(5_000, () => fired.push('late'));
    add(10.25, () => fired.push('soon'));
    expect(hand.armed).toStrictEqual([11]);
    hand.run(11);
    expect([fired, hand.armed]).toStrictEqual([['soon'], [4_989]]);
  });

  it('fires what is due together in the order in which it is due, also where its timer is late', () => {
    for (let late = 0; late <= 40; late++) {
      const hand = new Hand();
      const { add } = on(hand);
      const fired: number[] = [];
      const note = (due: number) => () => void fired.push(due);
      add(30, note(30));
      add(100, note(100));
      hand.turn(15);
      // A loop that stands still adds what comes meanwhile, and runs its timers after that.
      for (let passed = 0; passed < 15 + late; passed += 3) {
        add(15, note(30 + passed));
        add(10, note(25 + passed));
        hand.raw += 3;
      }
      for (let i = 0; i < 4; i++) hand.turn(0);
      hand.run(200);
      expect({ late, fired }).toStrictEqual({ late, fired: [...fired].sort((a, b) => a - b) });
      expect(fired.at(-1)).toBe(100);
      expect(hand.armed).toStrictEqual([]);
    }
  });

  it('lets input in first where it fires more than 20 ms late, and says by how much', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const fired: number[] = [];
    add(100, (late) => fired.push(late));
    hand.turn(1_100);
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
    hand.turn(120);
    expect(fired).toStrictEqual([20]);
  });

  it('is spared by an entry that was answered by the input that came in', () => {
    const hand = new Hand();
    const { add } = on(hand);
    const entry = add(100, () => expect.fail('its answer had arrived'));
    hand.turn(1_100);
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
    expect(() => hand.turn(10)).toThrow('thrown');
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
    const { add } = on(asyncScheduler);
    const { left } = arming();
    const outside = add(50_000, () => expect.fail('is never due'));
    const fired: number[] = [];
    const virtual = new TestScheduler(() => undefined);
    virtual.run(() => {
      add(50_000, () => fired.push(virtual.frame));
      add(50_000, () => expect.fail('is cancelled at once')).cancel();
      outside.cancel();
    });
    expect(fired).toStrictEqual([50_000]);
    expect(left()).toBe(1);
    // The next one in real time clears it.
    const next = add(50_000, () => expect.fail('is never due'));
    expect(left()).toBe(1);
    next.cancel();
  });
});

describe('a timer list in real time', () => {
  it('costs calls that are shorter than a millisecond one look for all of them, and no timer of their own', async () => {
    const { add } = on(asyncScheduler);
    await sleep(5);
    const { delays, left } = arming();
    for (let i = 0; i < 100; i++) add(5_000 + i, () => expect.fail('was cancelled')).cancel();
    expect([...new Set(delays)]).toStrictEqual([1]);
    await sleep(5);
    expect([[...new Set(delays)], left()]).toStrictEqual([[1], 0]);
  });

  it('arms the timer of a call that lasts, and leaves none when that has ended', async () => {
    const { add } = on(asyncScheduler);
    await sleep(5);
    const { left } = arming();
    const entry = add(5_000, () => expect.fail('was cancelled'));
    await sleep(20);
    expect(left()).toBe(1);
    entry.cancel();
    expect(left()).toBe(0);
  });

  it('fires in the order in which it is due after the event loop has stood still', async () => {
    const { add } = on(asyncScheduler);
    for (let stall = 8; stall <= 26; stall++) {
      const fired: number[] = [];
      const due: number[] = [];
      const join = (duration: number): void => {
        due.push(Date.now() + duration);
        const at = due.length - 1;
        add(duration, () => fired.push(at));
      };
      join(10);
      await sleep(2);
      // What comes while the loop stands still, some of it after the first was due.
      for (const end = Date.now() + stall; Date.now() < end; ) {
        join(10);
        for (const next = Date.now() + 2; Date.now() < next; );
      }
      await sleep(30);
      expect({ stall, fired }).toStrictEqual({ stall, fired: due.map((_, at) => at) });
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
