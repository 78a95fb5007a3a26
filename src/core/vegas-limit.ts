import type { ConcurrencyLimit, LimitSampler } from './concurrency-limit.js';
import { LatencyEstimate } from './latency-estimate.js';
import { checkFunction, checkInteger, checkKeys, reading } from './options.js';

export interface VegasLimitOptions {
  /** The limit at first. Default 20, or what is next to it within `min` and `max`. */
  readonly initial?: number | undefined;
  /** The limit is never less, at least 1. Default 1. */
  readonly min?: number | undefined;
  /** The limit is never more. Default 1,000, or `min` where that is more. */
  readonly max?: number | undefined;
  /** Numbers from 0 (included) to 1 (excluded). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A window lasts for at least a second, for two latencies where that is longer, and for ten samples. */
const shortestWindow = 1_000;
const longestWindow = 30_000;
const leastSamples = 10;

/** Policies that come and go have a sample each: so many of them end a window, or they would be kept for ever. */
const mostHeard = 1_000;

/** A window in which at least this share of the calls was dropped speaks of overload; a few time out at any time. */
const dropShare = 0.1;

/** `draining` waits until what ran under the whole limit has ended, `measuring` takes the latency of what is left. */
type Phase =
  | { readonly name: 'steady'; readonly probeIn: number }
  | { readonly name: 'draining' | 'measuring'; readonly restore: number };

/**
 * A limit that finds the concurrency at which calls begin to queue in the dependency, from their latency: TCP Vegas as
 * Netflix's concurrency-limits has it, on the mean of windows, where single samples would be noise.
 *
 * With the latency of an idle dependency (the baseline) known, `queue = limit * (1 - baseline / latency)` of the calls
 * in flight are waiting. With `step = max(1, floor(log10(limit)))` a window moves the limit by `+6 step` up to a queue
 * of `step`, by `+step` below `3 step`, by `-step` above `6 step` or where a tenth of its calls were dropped, and not
 * at all between, nor while less than half of the limit was used.
 *
 * After 30 to 60 windows (at random, so that the instances of a fleet do not do it together), with half of the limit
 * in use, the limit is halved (to `min` at the least) for two windows, and the latency in the second one is the new
 * baseline: otherwise one lasting change of the dependency, to a slower host, would be taken for a queue for ever.
 *
 * Everything happens when a sample is taken, at the sample's time; there is no timer. It belongs to one dependency: over
 * unlike ones it adapts to their mixture.
 *
 * @throws TypeError, RangeError
 */
export function vegasLimit(options: VegasLimitOptions = {}): ConcurrencyLimit {
  return reading('vegasLimit', () => {
    const given = checkKeys('options', options, ['initial', 'min', 'max', 'random']);
    const { initial, random = Math.random } = given;
    const min = given.min === undefined ? 1 : checkInteger('min', given.min, 1);
    const max = given.max === undefined ? Math.max(1_000, min) : checkInteger('max', given.max, min);
    const first = initial === undefined ? Math.min(max, Math.max(min, 20)) : checkInteger('initial', initial, min, max);
    return new VegasLimit(first, min, max, checkFunction('random', random));
  });
}

class VegasLimit implements ConcurrencyLimit {
  readonly sampled = true;
  private phase: Phase;
  /** The samplers that have samples in the present window. */
  private heard: VegasSampler[] = [];
  private samples = 0;
  private drops = 0;
  private busiest = 0;
  private window = shortestWindow;

  constructor(
    public limit: number,
    private readonly min: number,
    private readonly max: number,
    private readonly random: () => number,
  ) {
    this.phase = this.steady();
  }

  sampler(): LimitSampler {
    return new VegasSampler(this);
  }

  take(sampler: VegasSampler, dropped: boolean, inFlight: number, now: number): void {
    if (sampler.since === undefined) {
      sampler.since = now;
      this.heard.push(sampler);
    }
    this.samples += 1;
    if (dropped) this.drops += 1;
    this.busiest = Math.max(this.busiest, inFlight);
    if (this.samples >= leastSamples && (now - sampler.since >= this.window || this.heard.length >= mostHeard)) this.endWindow();
  }

  private steady(): Phase {
    return { name: 'steady', probeIn: 30 + Math.floor(this.random() * 31) };
  }

  private endWindow(): void {
    const { phase } = this;
    const load = this.meanLoad(phase.name === 'measuring');
    const inUse = this.busiest * 2 >= this.limit;
    if (phase.name === 'steady') {
      this.limit = this.moved(load, inUse);
      this.phase = { name: 'steady', probeIn: phase.probeIn - 1 };
      if (inUse && phase.probeIn <= 1) this.drain();
    } else if (phase.name === 'draining') {
      this.phase = { name: 'measuring', restore: phase.restore };
    } else {
      this.limit = phase.restore;
      this.phase = this.steady();
    }
    this.samples = this.drops = this.busiest = 0;
  }

  private drain(): void {
    this.phase = { name: 'draining', restore: this.limit };
    this.limit = Math.max(this.min, Math.floor(this.limit / 2));
  }

  /** The window's mean latency in baselines, `NaN` where none of its samples has one: that moves nothing. */
  private meanLoad(drained: boolean): number {
    let sum = 0;
    let count = 0;
    let ratios = 0;
    let measured = 0;
    for (const sampler of this.heard) {
      const { estimate } = sampler;
      const samples = estimate.count;
      sum += estimate.sum;
      count += samples;
      const ratio = estimate.settle(drained);
      if (ratio !== undefined) {
        ratios += ratio;
        measured += samples;
      }
      sampler.since = undefined;
    }
    this.heard = [];
    if (count > 0) this.window = Math.min(longestWindow, Math.max(shortestWindow, (2 * sum) / count));
    return ratios / measured;
  }

  private moved(load: number, inUse: boolean): number {
    const { limit } = this;
    const step = Math.max(1, Math.floor(Math.log10(limit)));
    let next = limit;
    if (this.drops >= this.samples * dropShare) {
      next -= step;
    } else if (inUse) {
      const queue = Math.ceil(limit * (1 - 1 / load));
      if (queue <= step) next += 6 * step;
      else if (queue < 3 * step) next += step;
      else if (queue > 6 * step) next -= step;
    }
    return Math.min(this.max, Math.max(this.min, next));
  }
}

class VegasSampler implements LimitSampler {
  readonly estimate: LatencyEstimate = new LatencyEstimate();
  /** When, by its own clock, it was first heard in the present window. */
  since: number | undefined = undefined;

  constructor(private readonly owner: VegasLimit) {}

  record(latency: number, inFlight: number, now: number): void {
    this.estimate.record(latency);
    this.owner.take(this, false, inFlight, now);
  }

  dropped(inFlight: number, now: number): void {
    this.owner.take(this, true, inFlight, now);
  }
}
