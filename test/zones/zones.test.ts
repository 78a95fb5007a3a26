import { describe, expect, it, vi } from 'vitest';
import { inZones } from './in-zones.js';
import type { Seen } from './zone.js';

// It builds and starts programs.
vi.setConfig({ testTimeout: 60_000 });

describe.each(['zone.js', 'the library'] as const)('where %s is loaded first', (first) => {
  it('calls go on in the zone in which they were made', async () => {
    expect(await inZones<Seen>('calls.program.ts', first)).toStrictEqual({
      'an expiry': ['a fails in a', 'b fails in b'],
      'a wait in a queue': ['a is made in a', 'a hears in a', 'a ends in a', 'b is made in b', 'c fails in c'],
      'a retry and a fallback after the failure of a shared source': [
        ...['a is made in a', 'a decides in a', 'a is made in a', 'a decides in a', 'a is made in a', 'a hears in a', 'a ends in a'],
      ],
      'what a shared source emits to a breaker alone': ['a hears in a', 'a ends in a'],
      'what a shared source emits': ['a hears in a', 'a ends in a'],
      'a value that is tried again': ['a is made in a', 'a is made in a', 'a hears in a', 'a ends in a'],
      'an abort of the signal of the context': ['a fails in a', 'b fails in b'],
      'an abort of the signal of run': ['a is left in a', 'a fails in a'],
      'a promise': ['a hears in a', 'a ends in a'],
      'those who observe a breaker': [
        ...['failed in c', 'opened in c', 'state in a', 'health in b', 'halfOpened in c', 'state in a', 'health in b'],
      ],
    });
  });

  it('Angular is stable while only timers of the library run, and not while a call waits for its next try', async () => {
    const pending = await inZones<Record<string, readonly boolean[]>>('stability.program.ts', first);
    const stable = { 'a deadline': [false, false], 'a queue': [false, false], 'an open breaker': [false, false] };
    expect(pending).toStrictEqual({
      ...stable,
      ...{ 'the health of a registry': [false, false], 'a health check': [false, false], 'a health board': [false, false] },
      ...{ 'a retry budget': [false, false], 'signals of a key': [false, false], 'an answer that nobody reads': [false, false] },
      'a wait for the next try': [true, false],
    });
  });
});
