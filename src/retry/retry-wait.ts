import { type Observable, type SchedulerLike, Subscription, take } from 'rxjs';
import { detached, type Frame } from '../operator/frame.js';
import { apart } from '../operator/shared.js';
import type { AfterWait, Wait } from '../operator/stage.js';
import { after } from '../operator/timer.js';
import type { Reason } from './retry-call.js';

/** How long one wait lasts. All of it has to be over before the next try. */
export interface RetryWait {
  readonly scheduler: SchedulerLike;
  /** Milliseconds. */
  readonly delay: number;
  /** The wait lasts until the first value of this, and there is no next try where it completes without one. */
  readonly until: Observable<unknown> | undefined;
  /** The context in which `until` is subscribed. */
  readonly frame: Frame;
  /**
   * Asked when everything else is over: the milliseconds for which another call has put this one off meanwhile. `Infinity`:
   * there is no next try.
   */
  readonly longer: () => number;
  /** There is no next try, for this reason or because of this error. Answers with what the caller gets. */
  readonly stopped: (why: 'strategy' | 'retryAfter' | { readonly error: unknown }) => Reason;
  /** The value for which it is tried again is nobody's any more. */
  readonly dropped: () => void;
}

/** The wait of a call between two tries. */
export function retryWait(wait: RetryWait): Wait {
  return (then) => new Waiting(wait, then).subscription;
}

class Waiting {
  readonly subscription: Subscription = new Subscription();
  private left = 1;
  private isOver = false;

  constructor(
    private readonly wait: RetryWait,
    private readonly then: AfterWait,
  ) {
    const { delay, until } = wait;
    this.subscription.add(() => this.drop());
    if (until !== undefined) this.follow(until);
    if (delay > 0) this.arm(delay);
    else this.oneOver();
  }

  private drop(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.wait.dropped();
  }

  private stop(why: Parameters<RetryWait['stopped']>[0]): void {
    const last = this.wait.stopped(why);
    if ('error' in last) this.drop();
    this.isOver = true;
    this.then.stop(last);
  }

  private arm(ms: number): void {
    const timer = after(this.wait.scheduler, ms, () => {
      this.subscription.remove(timer);
      this.oneOver();
    });
    this.subscription.add(timer);
  }

  private follow(until: Observable<unknown>): void {
    const { frame } = this.wait;
    const { subscription } = this;
    this.left++;
    const connect = (): void => {
      const notifier = new Subscription();
      subscription.add(notifier);
      let told = false;
      const once = (tell: () => void): void => {
        if (told) return;
        told = true;
        notifier.unsubscribe();
        tell();
      };
      notifier.add(
        until.pipe(take(1)).subscribe({
          next: () => once(() => this.oneOver()),
          error: (error: unknown) => once(() => this.stop({ error })),
          complete: () => once(() => this.stop('strategy')),
        }),
      );
    };
    apart(detached(frame), connect, undefined);
  }

  private oneOver(): void {
    if (--this.left > 0 || this.subscription.closed) return;
    const more = this.wait.longer();
    if (more === 0) {
      this.drop();
      this.then.go();
    } else if (more === Infinity) {
      this.stop('retryAfter');
    } else {
      this.left = 1;
      this.arm(more);
    }
  }
}
