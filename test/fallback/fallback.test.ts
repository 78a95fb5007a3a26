import { concat, NEVER, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { fallbackTo, fallbackToValue } from '../../src/fallback/fallback-to.js';
import type { FallbackOptions } from '../../src/fallback/fallback-options.js';
import { outcome, virtual } from '../virtual.js';

const full = new BulkheadFullError('b', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });
const failing = (error: unknown) => throwError(() => error);

describe('a fallback answers', () => {
  it.each<[string, unknown, boolean]>([
    ['what is transient', { status: 503 }, true],
    ['what was refused', full, true],
    ['not what is permanent', { status: 404 }, false],
    ['not what was aborted', new DOMException('x', 'AbortError'), false],
    ['not a bug', new TypeError('x'), false],
  ])('%s', (_title, error, answered) => {
    const fallback = fallbackToValue('instead');
    expect(outcome(failing(error).pipe(fallback)).log).toStrictEqual(answered ? ['instead', '|'] : [error]);
    expect(fallback.metrics()).toStrictEqual({ calls: 1, used: answered ? 1 : 0, failed: 0 });
  });

  it('what when says, whatever kind of error it is', () => {
    const asked: unknown[] = [];
    const fallback = fallbackToValue('instead', { when: (error, { attempt }) => (asked.push([error, attempt]), error === 'a') });
    expect(outcome(failing('a').pipe(fallback)).log).toStrictEqual(['instead', '|']);
    expect(outcome(failing('b').pipe(fallback)).log).toStrictEqual(['b']);
    expect(asked).toStrictEqual([['a', 1], ['b', 1]]);
  });

  it('by settings that were changed, the others staying as they were', () => {
    const fallback = fallbackToValue('instead', { classify: () => 'bug' });
    const isAnswered = (): boolean => outcome(failing('x').pipe(fallback)).log[0] === 'instead';
    expect(isAnswered()).toBe(false);
    fallback.update({ required: true });
    expect(isAnswered()).toBe(false);
    fallback.update({ classify: () => 'refused' });
    expect(isAnswered()).toBe(true);
    fallback.update({ when: () => false });
    expect(isAnswered()).toBe(false);
    fallback.update({ classify: () => 'transient' });
    expect(isAnswered()).toBe(false);
    expect(() => fallback.update({ when: 5 as never })).toThrow('when must be a function');
    expect(() => fallback.update({ maxAge: 5 } as never)).toThrow("update has no option 'maxAge'");
  });

  it('and counts where it has failed itself, with both errors in what it tells', () => {
    const fallback = fallbackTo(() => concat(of(1), failing('own')), { name: 'cache' });
    const told: object[] = [];
    fallback.events$.subscribe((event) => told.push({ ...event, at: 0 }));
    expect(outcome(failing('first').pipe(fallback)).log).toStrictEqual([1, 'own']);
    expect(fallback.metrics()).toStrictEqual({ calls: 1, used: 1, failed: 1 });
    const common = { policy: 'cache', kind: 'fallback', at: 0 };
    expect(told).toStrictEqual([
      { ...common, type: 'used', error: 'first', context: { attempt: 1 } },
      { ...common, type: 'failed', error: 'own', cause: 'first' },
    ]);
  });

  it.each<[FallbackOptions['mode'], object]>([
    ['shadow', { calls: 1, used: 1, failed: 0 }],
    ['disabled', { calls: 0, used: 0, failed: 0 }],
  ])('nothing where it is %s', (mode, metrics) => {
    let made = 0;
    const fallback = fallbackTo(() => of(made++), { mode: mode! });
    expect(outcome(failing('x').pipe(fallback)).log).toStrictEqual(['x']);
    expect([made, fallback.metrics()]).toStrictEqual([0, metrics]);
  });
});

describe('the health of a fallback', () => {
  const made = (options: FallbackOptions = {}) => {
    const time = virtual();
    const fallback = fallbackToValue('instead', { scheduler: time.scheduler, ...options });
    const seen: unknown[] = [];
    fallback.health$.subscribe(({ status, since }) => seen.push(`${status} since ${since}`));
    /** A call that is answered. */
    const use = (): void => void outcome(failing('x').pipe(fallback));
    return { ...time, fallback, seen, use };
  };

  it('is degraded since its use', () => {
    const { advance, fallback, seen, use } = made();
    advance(3);
    use();
    advance(4);
    use();
    expect(seen).toStrictEqual(['up since 0', 'degraded since 3']);
    let late: unknown;
    fallback.health$.subscribe(({ since }) => (late = since));
    expect(late).toBe(3);
  });

  it('is not up again with a call that a deadline cuts after a value', () => {
    const { advance, fallback, scheduler, seen, use } = made();
    use();
    outcome(concat(of(1), NEVER).pipe(fallback, withDeadline(5, { scheduler })));
    advance(5);
    expect(seen).toStrictEqual(['up since 0', 'degraded since 0']);
  });

  it.each<[string, (call: { readonly source: Subject<unknown>; readonly leave: () => void }) => void, boolean]>([
    ['completes', ({ source }) => source.complete(), true],
    ['is left after a value', ({ source, leave }) => (source.next(1), leave()), true],
    ['is left before a value', ({ leave }) => leave(), false],
    ['has a value', ({ source }) => source.next(1), false],
    ['fails with what it does not answer', ({ source }) => source.error({ status: 404 }), false],
    ['needs it too', ({ source }) => source.error('x'), false],
  ])('knows of a call that %s whether it needed one', (_how, end, up) => {
    const { advance, fallback, seen, use } = made();
    use();
    advance(5);
    const source = new Subject<unknown>();
    const { leave } = outcome(source.pipe(fallback));
    end({ source, leave });
    expect(seen.slice(2)).toStrictEqual(up ? ['up since 5'] : []);
  });

  it('is up again with a reset, after which calls from before it change nothing', () => {
    const { advance, fallback, seen, use } = made();
    const before = new Subject<unknown>();
    outcome(before.pipe(fallback));
    const another = new Subject<unknown>();
    outcome(another.pipe(fallback));
    use();
    advance(5);
    fallback.reset();
    expect(fallback.metrics()).toStrictEqual({ calls: 0, used: 0, failed: 0 });
    before.error('x');
    expect(seen).toStrictEqual(['up since 0', 'degraded since 0', 'up since 5']);
    use();
    another.complete();
    expect(seen.at(-1)).toBe('degraded since 5');
    expect(fallback.metrics()).toStrictEqual({ calls: 1, used: 1, failed: 0 });
  });

  it('says what it would be in shadow mode, at once where the mode changes', () => {
    const { fallback, seen, use } = made();
    use();
    const details: unknown[] = [];
    fallback.health$.subscribe((health) => details.push([health.status, health.details]));
    fallback.update({ mode: 'shadow' });
    expect(details).toStrictEqual([['degraded', {}], ['up', { mode: 'shadow', would: 'degraded' }]]);
    expect(seen).toHaveLength(3);
  });

  it('does not count a failure of its own from before a reset', () => {
    const own = new Subject<unknown>();
    const fallback = fallbackTo(own);
    outcome(failing('x').pipe(fallback));
    fallback.reset();
    own.error('y');
    expect(fallback.metrics()).toStrictEqual({ calls: 0, used: 0, failed: 0 });
  });

  it.each([[undefined, {}], ['operator', { caller: 'operator' }]])('is told of a reset by %s', (caller, named) => {
    const { fallback } = made();
    const told: object[] = [];
    fallback.events$.subscribe((event) => told.push(event));
    fallback.reset(caller);
    expect(told).toStrictEqual([{ type: 'reset', policy: 'fallback', kind: 'fallback', at: 0, ...named }]);
  });
});

it('leaves a call alone that nobody has to answer for', () => {
  const fallback = fallbackToValue('instead');
  outcome(NEVER.pipe(fallback)).leave();
  expect(outcome(of(1, 2).pipe(fallback)).log).toStrictEqual([1, 2, '|']);
  expect(fallback.metrics()).toStrictEqual({ calls: 2, used: 0, failed: 0 });
});
