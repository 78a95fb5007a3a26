import { from, Subscription, take } from 'rxjs';
import { DeadlineExceededError, hungAfter, isStall } from '../core/deadline-exceeded-error.js';
import { stackless } from '../core/stackless.js';
import { isAsyncInput } from '../operator/async-input.js';
import { shared } from '../operator/shared.js';
import { TimerEntry, type TimeSource } from '../operator/timer-list.js';
import { failure, readResult, type Result } from './probe-result.js';

/** One asking of a dependency. It tells once what came of it; undefined where that proves nothing. */
export class Probe extends TimerEntry {
  private subscription: Subscription | undefined = new Subscription();

  constructor(
    private readonly name: string,
    private readonly timeout: number,
    private readonly done: (result: Result | undefined) => void,
  ) {
    super();
  }

  run(ask: () => unknown, time: TimeSource): void {
    const { subscription } = this;
    const start = time.clock.now();
    const { raw } = time.clock;
    try {
      const answer = ask();
      if (!isAsyncInput(answer)) return this.end(readResult(answer));
      subscription!.add(
        from(answer)
          .pipe(take(1))
          .subscribe({
            next: (value) => this.end(readResult(value)),
            error: (error: unknown) => this.end(failure(error)),
            complete: () => this.end(readResult(undefined)),
          }),
      );
    } catch (thrown) {
      this.end(failure(thrown));
    }
    if (this.subscription !== undefined) time.add(this, this.timeout, start, raw);
  }

  /** Nobody wants to know any more. */
  abandon(): void {
    this.cancel();
    const { subscription } = this;
    this.subscription = undefined;
    subscription?.unsubscribe();
  }

  override fire(late: number): void {
    const { name, timeout } = this;
    const stalled = isStall(late, timeout);
    const facts = { started: true, budget: timeout, shortened: false, stalled, hungAfter: hungAfter(timeout), ran: timeout + late };
    const error = stackless(false, () => new DeadlineExceededError(name, facts));
    const { cause } = shared;
    shared.cause = { cut: error };
    try {
      this.subscription?.unsubscribe();
    } finally {
      shared.cause = cause;
    }
    this.end(stalled ? undefined : { status: 'down', details: { reason: 'timeout', timeout }, error });
  }

  private end(result: Result | undefined): void {
    if (this.subscription === undefined) return;
    this.abandon();
    this.done(result);
  }
}
