import { describe, expect, it } from 'vitest';
import { titleOf } from './case.ts';
import { awaiting, calls, subscribing } from './calls.ts';
import { cases } from './cases/index.ts';
import { heldPerCall, memoryRows } from './memory.ts';
import { otherOperators, runOtherOperators } from './other-operators.ts';
import { failing, sync } from './sources.ts';

// No timing here: whether each case still does what it says, so that a change of the library is noticed by `npm test`.

describe.each(cases.map((one) => ({ title: titleOf(one), one })))('$title', ({ one }) => {
  it('is done by each contender with the same result', async () => {
    for (const contender of Object.values(one.contenders())) {
      await contender.run(1);
      await contender.run(250);
    }
  });

  it('has a base and targets among its contenders', () => {
    const names = Object.keys(one.contenders());
    expect(names).toContain(one.base);
    for (const { of = 'ours', against } of one.targets) {
      expect(names).toContain(of);
      expect([...names, 'cheapest peer']).toContain(against);
    }
  });
});

describe('a contender', () => {
  it('is refused where its result is not the expected one', async () => {
    await expect(calls(subscribing(failing)).run(2)).rejects.toThrow('"failed":2');
    await expect(calls(awaiting(() => Promise.resolve(2))).run(3)).rejects.toThrow('{"sum":6');
    await expect(calls(subscribing(sync), { expected: { sum: 0, fails: true } }).run(1)).rejects.toThrow('"failed":1');
  });

  it.each([1, 7])('has %d calls in flight and no more', async (width) => {
    let inFlight = 0;
    let most = 0;
    const call = async (): Promise<number> => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      return 1;
    };
    await calls(awaiting(call), { width }).run(50);
    expect(most).toBe(width);
  });
});

describe('memory', () => {
  it.each(Object.keys(memoryRows))('%s: every call is held, and ends when it may', async (name) => {
    expect(memoryRows[name]!().name).toBe(name);
    // More than the default limit of a shedder.
    expect(await heldPerCall(memoryRows[name]!(), 1, () => {}, 1_500)).toEqual(expect.any(Number));
  });
});

describe('the mixed setting', () => {
  it('runs thirty other operators', async () => {
    expect(otherOperators).toHaveLength(30);
    await runOtherOperators(3);
  });
});
