import { expect, it } from 'vitest';
import { inChild } from './in-child.js';

it('a call allocates not a byte more in a registry, nor where a hundred look at health and state', async () => {
  // Without a compiler, which allocates when it likes and removes allocations when it can, the figures are exact.
  const flags = ['--jitless', '--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];
  const { outside, registered, watched } = await inChild('allocated.ts', flags);
  expect(outside).toBeGreaterThan(500);
  expect({ registered, watched }).toStrictEqual({ registered: outside, watched: outside });
}, 60_000);
