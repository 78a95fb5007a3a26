import { describe, expect, it } from 'vitest';
import { LatencyEstimate } from '../../src/core/latency-estimate.js';

const recorded = (estimate: LatencyEstimate, latency: number, times: number): LatencyEstimate => {
  for (let i = 0; i < times; i += 1) estimate.record(latency);
  return estimate;
};
/** The mean of a window's samples in baselines. */
const load = (estimate: LatencyEstimate, latency: number, times: number, drained = false): number | undefined => {
  const sum = recorded(estimate, latency, times).settle(drained);
  return sum === undefined ? undefined : sum / times;
};

describe('LatencyEstimate', () => {
  it('measures the first window against itself', () => {
    expect(load(new LatencyEstimate(), 50, 10)).toBe(1);
  });

  it('measures a window against the least mean of any before it', () => {
    const estimate = new LatencyEstimate();
    load(estimate, 100, 10);
    load(estimate, 50, 10);
    expect(load(estimate, 200, 10)).toBe(4);
    expect(load(estimate, 25, 10)).toBe(1);
    expect(load(estimate, 200, 10)).toBe(8);
  });

  it('has no baseline from fewer than ten samples, and keeps them for the next window', () => {
    const estimate = new LatencyEstimate();
    expect(load(estimate, 50, 9)).toBeUndefined();
    expect(load(estimate, 50, 1)).toBe(1);
  });

  it('is not lowered by a few lucky samples', () => {
    const estimate = new LatencyEstimate();
    load(estimate, 100, 20);
    load(estimate, 20, 3);
    load(estimate, 100, 17);
    expect(load(estimate, 88, 20)).toBe(1);
    expect(load(estimate, 176, 20)).toBe(2);
  });

  it('takes a new baseline from a drained window, a higher one too', () => {
    const estimate = new LatencyEstimate();
    load(estimate, 50, 10);
    expect(load(estimate, 150, 10, true)).toBe(1);
    expect(load(estimate, 300, 10)).toBe(2);
  });

  it('puts drained windows together until they have ten samples', () => {
    const estimate = new LatencyEstimate();
    load(estimate, 50, 10);
    expect(load(estimate, 150, 5, true)).toBe(3);
    expect(load(estimate, 150, 5, true)).toBe(1);
  });

  it('takes latencies below a millisecond for one', () => {
    const estimate = new LatencyEstimate();
    expect(load(estimate, 0, 10)).toBe(1);
    expect(load(estimate, 3, 10)).toBe(3);
  });

  it('shows the samples of the present window only', () => {
    const estimate = recorded(new LatencyEstimate(), 20, 3);
    expect([estimate.sum, estimate.count]).toStrictEqual([60, 3]);
    estimate.settle(false);
    expect([estimate.sum, estimate.count]).toStrictEqual([0, 0]);
  });
});
