import { NEVER } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';

describe('a deadline in shadow mode', () => {
  it.each([true, false])('counts a call for which no time is left once, with a signal in its context: %s', (hasSignal) => {
    const scheduler = new TestScheduler(() => undefined);
    const policy = withDeadline({}, { mode: 'shadow', scheduler });
    const events: unknown[] = [];
    policy.events$.subscribe(({ type, ...rest }) => events.push('started' in rest ? [type, rest.started] : type));
    const context = { deadline: Deadline.after(0, scheduler), ...(hasSignal && { signal: new AbortController().signal }) };
    runInContext(context, () => NEVER.pipe(policy).subscribe());
    scheduler.flush();
    expect(policy.metrics()).toStrictEqual({ calls: 1, expired: 0, expiredOnArrival: 1, stalled: 0 });
    expect(events).toStrictEqual([['expired', false]]);
  });

  it('does not end a call when the signal of its context fires', () => {
    const controller = new AbortController();
    const policy = withDeadline({}, { mode: 'shadow' });
    const ends: unknown[] = [];
    runInContext({ signal: controller.signal }, () => NEVER.pipe(policy).subscribe({ error: (error) => ends.push(error) }));
    controller.abort();
    expect(ends).toStrictEqual([]);
  });
});
