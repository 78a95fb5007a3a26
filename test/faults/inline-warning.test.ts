import { EMPTY } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bulkhead, circuitBreaker, fallbackTo, fallbackToLast, retryWithBackoff, withDeadline } from 'rxjs-resilience';

/** Each test needs names of its own: one name is reported once. */
let made = 0;
const make: readonly (readonly [string, (name: string, now: () => number) => unknown])[] = [
  ['circuitBreaker', (name, now) => circuitBreaker({ name, scheduler: clock(now) })],
  ['bulkhead', (name, now) => bulkhead(1, 0, { name, scheduler: clock(now) })],
  ['retryWithBackoff', (name, now) => retryWithBackoff({ name, scheduler: clock(now) })],
  ['fallbackToLast', (name, now) => fallbackToLast({ maxAge: 1, name, scheduler: clock(now) })],
];

function clock(now: () => number): never {
  return { now, schedule: () => EMPTY.subscribe() } as never;
}

describe.each(make)('%s made inline', (_kind, policy) => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('is reported with the 50th of a name, once', () => {
    const name = `inline ${made++}`;
    for (let i = 0; i < 49; i++) policy(name, () => 1_000);
    expect(console.warn).not.toHaveBeenCalled();
    for (let i = 0; i < 200; i++) policy(name, () => 1_000);
    expect(console.warn).toHaveBeenCalledTimes(1);
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining(name));
  });

  it('is not reported when 10 s went by', () => {
    const name = `slow ${made++}`;
    for (let i = 0; i < 200; i++) policy(name, () => i * 300);
    expect(console.warn).not.toHaveBeenCalled();
  });

  it('is not reported in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    const name = `production ${made++}`;
    for (let i = 0; i < 200; i++) policy(name, () => 1_000);
    expect(console.warn).not.toHaveBeenCalled();
  });
});

it.each<[string, () => unknown]>([
  ['withDeadline', () => withDeadline(10, { name: 'meant inline' })],
  ['fallbackTo', () => fallbackTo(EMPTY, { name: 'meant inline' })],
])('%s is meant inline', (_kind, policy) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  for (let i = 0; i < 200; i++) policy();
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
