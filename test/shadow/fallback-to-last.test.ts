import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fallbackToLast, fallbackToValue, lastValues, type PolicyMode } from 'rxjs-resilience';
import { outcome, virtual } from '../virtual.js';

const down = new Error('down');
const failing = throwError(() => down);

describe.each<PolicyMode>(['enforce', 'shadow'])('fallbackToLast, to %s', (mode) => {
  const setUp = () => {
    const { advance, scheduler } = virtual();
    const last = lastValues<string>({ maxAge: 10 });
    const fallback = fallbackToLast<string>(last, 'key', { mode, scheduler });
    const events: string[] = [];
    fallback.events$.subscribe(({ type }) => events.push(type));
    return { advance, events, fail: () => outcome(failing.pipe(fallback)).log, fallback, succeed: () => outcome(of('good').pipe(fallback)) };
  };

  it('counts and tells nothing where it has no value to answer with', () => {
    const { events, fail, fallback } = setUp();
    expect(fail()).toStrictEqual([down]);
    expect([fallback.metrics(), events]).toStrictEqual([{ calls: 1, used: 0, failed: 0 }, []]);
  });

  it('counts and tells that it is used where it has one, and not once that is too old', () => {
    const { advance, events, fail, fallback, succeed } = setUp();
    succeed();
    advance(10);
    expect(fail()).toStrictEqual(mode === 'enforce' ? ['good', '|'] : [down]);
    advance(1);
    expect(fail()).toStrictEqual([down]);
    expect([fallback.metrics(), events]).toStrictEqual([{ calls: 3, used: 1, failed: 0 }, ['used']]);
  });
});

it('a fallback in shadow mode asks nobody for an answer', () => {
  let asked = 0;
  const fallback = fallbackToValue(() => ++asked, { mode: 'shadow' });
  expect(outcome(failing.pipe(fallback)).log).toStrictEqual([down]);
  expect([asked, fallback.metrics()]).toStrictEqual([0, { calls: 1, used: 1, failed: 0 }]);
});
