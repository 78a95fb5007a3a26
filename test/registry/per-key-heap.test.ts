import { expect, it } from 'vitest';
import { inChild } from './in-child.js';

it('20,000 keys come and go: the streams of those that have left are complete, and the heap is level', async () => {
  const { grown, left, size } = await inChild('per-key-heap.ts', ['--expose-gc']);
  expect([size, left]).toStrictEqual([100, 100]);
  // A policy that is kept has some 2,000 bytes: a twentieth of those that have left would be seen.
  expect(grown).toBeLessThan(2_000_000);
}, 60_000);
