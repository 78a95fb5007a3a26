import type { SchedulerLike } from 'rxjs';
import { show } from '../core/options.js';

export function checkScheduler(scheduler: SchedulerLike | undefined): void {
  if (scheduler === undefined) return;
  if (typeof scheduler?.now === 'function' && typeof scheduler.schedule === 'function') return;
  throw new TypeError(`scheduler must be an RxJS scheduler, got ${show(scheduler)}`);
}
