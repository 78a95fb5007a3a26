import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';

/** Runs a scenario with a policy that is made inside of `run`, and with one that was made, and used, before it. */
export function scenario<P>(title: string, make: () => P, body: (policy: P, helpers: RunHelpers) => void): void {
  describe(title, () => {
    const scheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected));
    it('with a policy made inside', () => scheduler().run((helpers) => body(make(), helpers)));
    it('with a policy made before', () => {
      const policy = make();
      scheduler().run((helpers) => body(policy, helpers));
    });
  });
}
