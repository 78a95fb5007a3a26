import type { ConcurrencyLimit } from '../../src/core/concurrency-limit.js';

export interface Testbed {
  /** Calls that arrive in a second, on average. */
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  /** From this second on every call takes `factor` times as long. */
  readonly slower?: { readonly from: number; readonly factor: number };
}

export interface Measured {
  /** Calls answered within a second of their admission, per second: of each whole second of the run. */
  readonly good: readonly number[];
  /** The limit at the end of each second. */
  readonly limits: readonly number[];
}

/** Numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const workers = 10;
/** Of the logarithm: a coefficient of variation of 0.53. */
const sigma = Math.sqrt(Math.log(1 + 0.53 ** 2));

/**
 * A limit in front of a server of ten workers with an unbounded queue: calls arrive at random, take 100 ms on average
 * (lognormal), those above the limit are refused. Its capacity is 100 calls a second. A plain loop in virtual time.
 */
export function overload(limit: ConcurrencyLimit, { rate, seconds, seed, slower }: Testbed): Measured {
  const random = seeded(seed);
  const sampler = limit.sampler();
  const good = new Array<number>(seconds).fill(0);
  const limits = new Array<number>(seconds).fill(0);
  const exponential = () => -Math.log(1 - random()) * (1_000 / rate);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const service = (now: number) =>
    100 * Math.exp(sigma * normal() - sigma ** 2 / 2) * (slower && now >= slower.from * 1_000 ? slower.factor : 1);

  /** When each worker is free; a call that is admitted goes to the first, so that the order is that of arrival. */
  const free = new Array<number>(workers).fill(0);
  const running: { start: number; end: number }[] = [];
  let arrival = exponential();
  while (arrival < seconds * 1_000) {
    const first = running[0];
    if (first !== undefined && first.end <= arrival) {
      running.shift();
      const second = Math.floor(first.end / 1_000);
      sampler.record(first.end - first.start, running.length + 1, first.end);
      if (first.end - first.start <= 1_000) good[second]! += 1;
      limits[second] = limit.limit;
      continue;
    }
    if (running.length < limit.limit) {
      const worker = free.indexOf(Math.min(...free));
      const end = Math.max(arrival, free[worker]!) + service(arrival);
      free[worker] = end;
      const after = running.findIndex((call) => call.end > end);
      running.splice(after < 0 ? running.length : after, 0, { start: arrival, end });
    }
    arrival += exponential();
  }
  return { good, limits };
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
