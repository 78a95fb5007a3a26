import { from, type Observable, type ObservableInput, type SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';
import { checkKeys, checkName, reading, refusal } from '../core/options.js';
import { isAsyncInput, keepForLater } from '../operator/async-input.js';
import { checkScheduler } from '../operator/clock.js';
import { HealthNode, type NodeSettings, type Reading } from './health-node.js';

export interface WarmupOptions {
  /** Clock. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Work that has to be done before the process can serve, for `startup` of a health board: `unknown` with
 * `details.inProgress` until it completes, then `up`; required. An error makes it `down`, for good: let the work itself
 * try again. A number or a string that the work emits is shown as `details.progress`.
 *
 * The work begins with the first subscriber, outside of every call, and runs once. It goes on when subscribers leave: a
 * health that is looked at now and then must not begin it anew.
 *
 * @param work$ an observable, a promise or an async iterable
 * @throws TypeError
 *
 * ```ts
 * const board = healthBoard({ startup: { cache: warmup('cache', fill$.pipe(retryWithBackoff())) } });
 * ```
 */
export function warmup(name: string, work$: ObservableInput<unknown>, options: WarmupOptions = {}): Observable<Health> {
  const scheduler = reading('warmup', () => {
    checkName('name', name);
    if (!isAsyncInput(work$)) throw refusal('work$', 'an observable, a promise or an async iterable', work$);
    const given = checkKeys('options', options, ['scheduler']);
    checkScheduler(given.scheduler);
    return given.scheduler;
  });
  keepForLater(work$);
  return new Warmup(work$, { name, required: true, scheduler }).health$;
}

class Warmup extends HealthNode {
  private begun = false;
  private last: Reading = { status: 'unknown', details: { inProgress: true } };

  constructor(
    private readonly work: ObservableInput<unknown>,
    settings: NodeSettings,
  ) {
    super(settings);
  }

  protected override reading(): Reading {
    return this.last;
  }

  protected override start(): void {
    if (this.begun) return;
    this.begun = true;
    from(this.work).subscribe({
      next: (value) => {
        if (typeof value === 'string' || Number.isFinite(value)) this.become('unknown', { inProgress: true, progress: value });
      },
      error: (error: unknown) => this.become('down', { reason: 'error' }, error),
      complete: () => this.become('up', {}),
    });
  }

  protected override stop(): void {
    // The work goes on.
  }

  private become(status: Health['status'], details: Health['details'], error?: unknown): void {
    this.last = { status, details, error, since: this.scheduler.now() };
    this.changed();
  }
}
