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
}

/** The wait of a call between two tries. */
export function retryWait(wait: RetryWait): Wait {
  return (then) => new Waiting(wait, then).subscription;
}

class Waiting {
  readonly subscription: Subscription = new Subscription();
  private left = 1;

  constructor(
    private readonly wait: RetryWait,
    private readonly then: AfterWait,
  ) {
    const { delay, until } = wait;
    if (until !== undefined) this.follow(until);
    if (delay > 0) this.arm(delay);
    else this.oneOver();
  }

  private arm(ms: number): void {
    const timer = after(this.wait.scheduler, ms, () => {
      this.subscription.remove(timer);
      this.oneOver();
    });
    this.subscription.add(timer);
  }

  private follow(until: Observable<unknown>): void {
    const { stopped, frame } = this.wait;
    const { then, subscription } = this;
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
          error: (error: unknown) => once(() => then.stop(stopped({ error }))),
          complete: () => once(() => then.stop(stopped('strategy'))),
        }),
      );
    };
    apart(detached(frame), connect, undefined);
  }

  private oneOver(): void {
    if (--this.left > 0 || this.subscription.closed) return;
    const more = this.wait.longer();
    if (more === 0) {
      this.then.go();
    } else if (more === Infinity) {
      this.then.stop(this.wait.stopped('retryAfter'));
    } else {
      this.left = 1;
      this.arm(more);
    }
  }
}
