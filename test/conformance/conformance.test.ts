import { map } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fusion } from '../../src/operator/fuse.js';
import { behaviours, type Behaviour, type Same } from './behaviours.js';
import { operators } from './operators.js';

function seen(behaviour: Behaviour, operator: Same): readonly string[] {
  const log: string[] = [];
  behaviour.run(operator, log);
  return log;
}

describe.each([true, false])('as transparent as map((x) => x) (fused: %s)', (fused) => {
  beforeEach(() => {
    fusion.enabled = fused;
  });
  afterEach(() => {
    fusion.enabled = true;
  });

  describe.each(Object.entries(operators))('%s', (_name, make) => {
    it.each(behaviours.map((behaviour) => [behaviour.title, behaviour] as const))('%s', (_title, behaviour) => {
      expect(seen(behaviour, make())).toStrictEqual(seen(behaviour, map((x) => x)));
    });
  });
});
