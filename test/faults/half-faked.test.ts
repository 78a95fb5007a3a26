import { expect, it } from 'vitest';
import { inChild } from '../registry/in-child.js';

it('a timer of the engine that was armed beside fake ones fires once, and keeps no process alive', async () => {
  expect(await inChild('../faults/half-faked.ts', [])).toStrictEqual({ expired: 1 });
}, 20_000);
