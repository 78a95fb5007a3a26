import { NEVER, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { fallbackToLast, fallbackToValue, withDeadline } from '../../src/index.js';

it('a deadline that expires after a reset ends its call, and counts no call from before', () => {
  new TestScheduler(() => undefined).run(({ flush }) => {
    const deadline = withDeadline(3);
    const seen: string[] = [];
    NEVER.pipe(deadline).subscribe({ error: (error: Error) => seen.push(error.name) });
    deadline.reset();
    flush();
    expect({ seen, metrics: deadline.metrics() }).toStrictEqual({
      seen: ['DeadlineExceededError'],
      metrics: { calls: 0, expired: 0, expiredOnArrival: 0, stalled: 0 },
    });
  });
});

it.each([
  ['fallbackToValue', () => fallbackToValue('instead')],
  ['fallbackToLast', () => fallbackToLast({ maxAge: 1_000 })],
])('%s answers a call from before a reset, and counts nothing of it', (_name, make) => {
  const fallback = make();
  const seen: unknown[] = [];
  const source = new Subject<string>();
  const piped = source.pipe(fallback);
  piped.subscribe({ next: (value) => seen.push(value), error: () => seen.push('error') });
  fallback.reset();
  source.error(new Error('down'));
  let status = '';
  fallback.health$.subscribe((health) => (status = health.status));
  expect(fallback.metrics()).toStrictEqual({ calls: 0, used: 0, failed: 0 });
  expect(status).toBe('up');
  expect(seen).toHaveLength(1);
});
