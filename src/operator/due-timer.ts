import { armedOutside } from './async-resource.js';
import type { Clock } from './clock.js';
import { inRootContext } from './shared.js';
import { Timer } from './timer.js';

/** One timer of a policy that serves those who observe its state. It belongs to no call. */
export class DueTimer {
  private readonly timer: Timer;
  private due = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly fire: () => void,
  ) {
    this.timer = new Timer(clock);
  }

  /** Fires at `due` of the clock; `Infinity`: not at all. A timer that may have been lost is armed anew. */
  set(due: number): void {
    const { clock, timer } = this;
    if (due === Infinity) return this.clear();
    clock.now();
    if (due === this.due && timer.isCertain) return;
    this.due = due;
    const arm = (): void => timer.arm(due - clock.unheld, (isHere) => this.fired(isHere));
    inRootContext(() => armedOutside(arm), undefined);
  }

  clear(): void {
    this.due = Infinity;
    this.timer.cancel();
  }

  private fired(isHere: boolean): void {
    // In the time of a test it is not due: it comes again.
    if (!isHere) return;
    const { due } = this;
    this.due = Infinity;
    this.clock.reached(due);
    this.fire();
  }
}
