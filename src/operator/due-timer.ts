import type { SchedulerLike, Subscription } from 'rxjs';
import { armedOutside } from './async-resource.js';
import { type Clock, year } from './clock.js';
import { inRootContext } from './shared.js';
import { after } from './timer.js';

/**
 * One timer of a policy that serves those who observe its state. It belongs to no call, and it is left alone in another
 * time domain than that in which it was armed: RxJS would clear it with the other provider.
 */
export class DueTimer {
  private action: Subscription | undefined = undefined;
  private due = Infinity;
  private armedAt = 0;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly clock: Clock,
    private readonly fire: () => void,
  ) {}

  /** Fires at `due` of the clock; `Infinity`: not at all. */
  set(due: number): void {
    if (due === this.due && this.isHere()) return;
    this.clear();
    this.due = due;
    if (due === Infinity) return;
    const wait = Math.max(0, Math.ceil(due - this.clock.now()));
    this.armedAt = this.clock.raw;
    inRootContext(() => {
      const fired = (): void => {
        // Armed anew in another domain: this one was left to run out.
        if (this.action !== action) return;
        this.action = undefined;
        this.due = Infinity;
        this.clock.reached(due);
        this.fire();
      };
      const action = armedOutside(() => after(this.scheduler, wait, fired));
      this.action = action;
    }, undefined);
  }

  clear(): void {
    const { action } = this;
    this.action = undefined;
    if (action !== undefined && this.isHere()) action.unsubscribe();
    this.due = Infinity;
  }

  /** A year is further than any timer of this kind: the clock of another domain is. */
  private isHere(): boolean {
    const passed = this.scheduler.now() - this.armedAt;
    return passed >= 0 && passed < year;
  }
}
