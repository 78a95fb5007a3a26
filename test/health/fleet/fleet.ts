import { seededRandom } from 'rxjs-resilience/testing';
import { virtual } from '../../virtual.js';
import { Dependency, type Outage } from './dependency.js';
import { Pod } from './pod.js';
import { type LiveOf, Process } from './process.js';

export const instances = 40;
/** Away for 5 s, when all have been running for a while. */
export const outage: Outage = { from: 60_000, to: 65_000 };
/** A piece of work that fills a cache is 50 units, a probe is 1. */
const unitsPerSecond = 400;
const end = 180_000;

export interface FleetSettings {
  readonly liveOf: LiveOf;
  readonly spread?: number;
}

export interface FleetReport {
  readonly dependency: Dependency;
  readonly pods: readonly Pod[];
  /** Instances that get requests, each 100 ms. */
  readonly endpoints: readonly { readonly at: number; readonly count: number }[];
  /** When each restart was, in order. */
  readonly restarts: readonly number[];
  /** When all got requests again after the outage. */
  readonly recovered: number;
}

/** Rolls out an instance each half second, and lets the dependency go away and come back. */
export function runFleet({ liveOf, spread = 0.1 }: FleetSettings): FleetReport {
  const { scheduler, advance } = virtual();
  const dependency = new Dependency(scheduler, outage, unitsPerSecond);
  const pods = Array.from({ length: instances }, (_, i) => {
    const random = seededRandom(i + 1);
    return new Pod(scheduler, () => new Process(dependency, scheduler, random, { spread, liveOf }));
  });
  pods.forEach((pod, i) => scheduler.schedule(() => pod.start(), i * 500));
  const endpoints: { at: number; count: number }[] = [];
  for (let at = 0; at < end; at += 100) {
    advance(100);
    endpoints.push({ at: at + 100, count: pods.filter(({ isEndpoint }) => isEndpoint).length });
  }
  for (const pod of pods) pod.stop();
  const lastMissing = endpoints.findLast(({ at, count }) => at > outage.from && count < instances);
  return {
    ...{ dependency, pods, endpoints },
    restarts: pods.flatMap((pod) => pod.restarts).sort((a, b) => a - b),
    recovered: lastMissing === undefined ? outage.from : lastMissing.at + 100,
  };
}
