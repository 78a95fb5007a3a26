import type { ConcurrencyLimit } from '../../src/core/concurrency-limit.js';

/** A limit that writes down its samples and moves when it is told to. */
export class RecordingLimit implements ConcurrencyLimit {
  readonly sampled = true;
  readonly samples: string[] = [];
  limit: number;
  /** What a sample makes of the limit. */
  next: number | undefined = undefined;
  private samplers = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  sampler(): ReturnType<ConcurrencyLimit['sampler']> {
    const name = ++this.samplers;
    const note = (sample: string): void => {
      this.samples.push(`${name}: ${sample}`);
      this.limit = this.next ?? this.limit;
    };
    return {
      record: (latency, inFlight) => note(`${latency} ms with ${inFlight}`),
      dropped: (inFlight) => note(`dropped with ${inFlight}`),
    };
  }
}
