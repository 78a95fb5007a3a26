import * as testing from 'rxjs-resilience/testing';
import { expect, it } from 'vitest';

it('exports these names and no others', () => {
  expect(Object.keys(testing).sort()).toStrictEqual([
    'brownout', 'expired', 'failed', 'flaky', 'hang', 'marbles', 'outage', 'refused', 'seededRandom', 'slow',
  ]);
});
