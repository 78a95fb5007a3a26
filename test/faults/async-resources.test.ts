import { expect, it } from 'vitest';
import { inChild } from '../registry/in-child.js';

it('stores that are kept by async_hooks hear that the resources of calls are gone', async () => {
  const { left, made } = await inChild('../faults/async-resources.ts', ['--expose-gc']);
  expect(made).toBeGreaterThan(1_000);
  expect(left).toBeLessThan(50);
}, 60_000);
