import { describe, expect, it } from 'vitest';
import { type FleetReport, instances, outage, runFleet } from './fleet/fleet.js';

/** The most that was asked of the dependency within `width` ms of the seconds after it came back. */
const peak = ({ dependency }: FleetReport, width: number): number =>
  Math.max(...Array.from({ length: 5_000 / width }, (_, i) => dependency.load(outage.to + i * width, outage.to + (i + 1) * width)));

const endpointsAt = ({ endpoints }: FleetReport, time: number): number => endpoints.find(({ at }) => at === time)!.count;

describe('40 instances and a dependency that is away for 5 s', () => {
  const fleet = runFleet({ liveOf: (board) => board.live$ });

  it('liveness never leaves up, and nobody is restarted', () => {
    const processes = fleet.pods.flatMap((pod) => pod.processes);
    expect(processes).toHaveLength(instances);
    expect(new Set(processes.flatMap(({ wasLive }) => [...wasLive]))).toStrictEqual(new Set(['up']));
    expect(fleet.restarts).toStrictEqual([]);
  });

  it('readiness goes down, everywhere: that is what a shared required dependency means', () => {
    expect(endpointsAt(fleet, outage.from)).toBe(instances);
    expect(endpointsAt(fleet, outage.from + 4_000)).toBe(0);
  });

  it('readiness comes back by itself, within two good results and a probe of the kubelet', () => {
    expect(fleet.recovered - outage.to).toBeLessThanOrEqual(2 * 1_100 + 1_000);
    expect(fleet.endpoints.filter(({ at, count }) => at > fleet.recovered && count < instances)).toStrictEqual([]);
  });

  it('those who ask the dependency when it is back are spread over the interval', () => {
    expect(peak(fleet, 1_000)).toBeLessThanOrEqual(1.25 * instances);
    expect(peak(fleet, 100)).toBeLessThanOrEqual(instances / 4);
  });

  it('without spread they ask in step', () => {
    expect(peak(runFleet({ liveOf: (board) => board.live$, spread: 0 }), 100)).toBe(instances / 2);
  });
});

describe('the same with a liveness that follows the dependency', () => {
  const fleet = runFleet({ liveOf: (_board, check) => check });

  it('restarts every instance, all within two seconds', () => {
    expect(fleet.pods.map(({ restarts }) => restarts.length > 0)).toStrictEqual(Array(instances).fill(true));
    const first = fleet.pods.map(({ restarts }) => restarts[0]!);
    expect(Math.max(...first) - Math.min(...first)).toBeLessThanOrEqual(2_000);
  });

  it('which all come back at once, with forty times the load of a fleet that had waited', () => {
    const waited = runFleet({ liveOf: (board) => board.live$ });
    expect(peak(fleet, 1_000)).toBeGreaterThan(40 * peak(waited, 1_000));
  });

  it('so that it is too slow for their probes, and most are restarted again though it is there', () => {
    expect(fleet.restarts.filter((at) => at > outage.to).length).toBeGreaterThanOrEqual(instances);
    expect(Math.max(...fleet.pods.map(({ restarts }) => restarts.length))).toBeGreaterThanOrEqual(3);
  });

  it('and an outage of 5 s becomes one of more than a minute', () => {
    expect(fleet.recovered - outage.to).toBeGreaterThan(60_000);
    expect(endpointsAt(fleet, outage.to + 10_000)).toBeLessThan(instances / 2);
  });
});
