import { retryWithBackoff } from 'rxjs-resilience';
import { describe, expect, it } from 'vitest';

describe('the health of a retry', () => {
  it('says what an update changes though its budget is as it was', () => {
    const retry = retryWithBackoff();
    const seen: boolean[] = [];
    retry.health$.subscribe(({ required }) => seen.push(required));
    retry.update({ required: true });
    expect(seen).toStrictEqual([false, true]);
  });
});
