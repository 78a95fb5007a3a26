import type { Observable, Observer } from 'rxjs';
import type { Contender } from './case.ts';

/** Begins one call, which reports to `sink` and ends exactly once. */
export type Begin = (sink: Observer<number>) => void;

/** How each call is expected to end, and the sum of its values. */
export interface Expected {
  readonly sum: number;
  readonly fails: boolean;
}

export const succeeds: Expected = { sum: 1, fails: false };
export const isRefused: Expected = { sum: 0, fails: true };

/** Makes calls, `width` of them at a time: the next begins when one has ended. The loop is the same for every contender. */
class Caller implements Observer<number> {
  private begun = 0;
  private ended = 0;
  private sum = 0;
  private failed = 0;
  private beginning = false;
  private done: () => void = () => {};

  constructor(
    begin: Begin,
    times: number,
    width: number,
  ) {
    this.begin = begin;
    this.times = times;
    this.width = width;
  }

  private readonly begin: Begin;
  private readonly times: number;
  private readonly width: number;

  next(value: number): void {
    this.sum += value;
  }

  error(error: unknown): void {
    if (error instanceof Error) this.failed += 1;
    this.complete();
  }

  complete(): void {
    this.ended += 1;
    if (!this.beginning) this.proceed();
  }

  /** Resolves when all have ended; undefined where all ended synchronously. */
  start(): Promise<void> | undefined {
    this.proceed();
    return this.ended === this.times ? undefined : new Promise((resolve) => (this.done = resolve));
  }

  private proceed(): void {
    this.beginning = true;
    while (this.begun < this.times && this.begun - this.ended < this.width) {
      this.begun += 1;
      this.begin(this);
    }
    this.beginning = false;
    if (this.ended === this.times) this.done();
  }

  check({ sum, fails }: Expected): void {
    const seen = { sum: this.sum, failed: this.failed, ended: this.ended };
    const wanted = { sum: sum * this.times, failed: fails ? this.times : 0, ended: this.times };
    if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
      throw new Error(`${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
    }
  }
}

export interface CallOptions {
  /** Calls in flight. Default 1: one after the other. */
  readonly width?: number;
  /** Default: one value, 1, and completion. */
  readonly expected?: Expected;
}

/** A contender that makes calls. */
export function calls(begin: Begin, { width = 1, expected = succeeds }: CallOptions = {}): Contender {
  return {
    async run(times) {
      const caller = new Caller(begin, times, width);
      await caller.start();
      caller.check(expected);
    },
  };
}

export const subscribing = (source: Observable<number>): Begin => (sink) => void source.subscribe(sink);

export const assembling = (source: () => Observable<number>): Begin => (sink) => void source().subscribe(sink);

/** Awaits a promise: its value and end, or its error, are reported in one reaction. */
export function awaiting(call: () => Promise<number>): Begin {
  return (sink) => {
    void call().then(
      (value) => {
        sink.next(value);
        sink.complete();
      },
      (error: unknown) => sink.error(error),
    );
  };
}
