import type { Observable } from 'rxjs';
import { LatestValue } from '../operator/latest-value.js';

/** How many calls may hold a permit: a number, or the last one of an observable. */
export class BulkheadLimit {
  value = 1;
  private latest: LatestValue | undefined = undefined;
  private disposed = false;

  constructor(private readonly changed: () => void) {}

  /** Until an observable has said something the present value holds. */
  set(maxConcurrent: number | Observable<number>): void {
    this.latest?.stop();
    this.latest = undefined;
    if (typeof maxConcurrent === 'number') this.value = maxConcurrent;
    else if (!this.disposed) this.latest = new LatestValue(maxConcurrent, (value) => this.take(value));
  }

  start(): void {
    this.latest?.start();
  }

  dispose(): void {
    this.disposed = true;
    this.latest?.stop();
  }

  /** What is no number of permits is passed over: nobody could be told of it. */
  private take(value: unknown): void {
    const limit = typeof value === 'number' ? Math.floor(value) : NaN;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit === this.value) return;
    this.value = limit;
    this.changed();
  }
}
