import { Observable, type SchedulerLike } from 'rxjs';

export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** What all instances share: it does so many units of work a second, one after the other, and is away for a while. */
export class Dependency {
  /** When each piece of work was asked for, and how much of it. */
  readonly asked: { readonly at: number; readonly units: number }[] = [];
  /** Until when it has something to do. */
  private busyUntil = 0;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly outage: Outage,
    private readonly unitsPerSecond: number,
  ) {}

  /** Who leaves takes nothing back: what was sent is worked off. */
  ask(units: number): Observable<boolean> {
    return new Observable((subscriber) => {
      const now = this.scheduler.now();
      if (now >= this.outage.from && now < this.outage.to) return subscriber.error(new Error('ECONNREFUSED'));
      this.asked.push({ at: now, units });
      this.busyUntil = Math.max(now, this.busyUntil) + (units * 1_000) / this.unitsPerSecond;
      return this.scheduler.schedule(() => {
        subscriber.next(true);
        subscriber.complete();
      }, this.busyUntil - now);
    });
  }

  /** Units asked for from `from` on and before `to`. */
  load(from: number, to: number): number {
    return this.asked.filter(({ at }) => at >= from && at < to).reduce((sum, { units }) => sum + units, 0);
  }
}
