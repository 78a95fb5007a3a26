import { interval, type Observable, retry, type SchedulerLike, Subscription, timer } from 'rxjs';
import type { Health, HealthStatus } from '../../../src/core/health.js';
import { type HealthBoard, healthBoard } from '../../../src/health/health-board.js';
import { healthCheck } from '../../../src/health/health-check.js';
import { heartbeat } from '../../../src/health/heartbeat.js';
import { warmup } from '../../../src/health/warmup.js';
import type { Dependency } from './dependency.js';

/** What answers a liveness probe: the board, or what somebody has put in its place. */
export type LiveOf = (board: HealthBoard, check: Observable<Health>) => Observable<Health>;

export interface ProcessSettings {
  readonly spread: number;
  readonly liveOf: LiveOf;
}

/** One run of an instance: a board over its own check of the dependency, and a loop of its own. */
export class Process {
  /** As its endpoints would answer. */
  readonly status: Record<'live' | 'startup' | 'ready', HealthStatus> = { live: 'up', startup: 'unknown', ready: 'unknown' };
  /** Every status that `board.live$` has had. */
  readonly wasLive: Set<HealthStatus> = new Set();
  private readonly life: Subscription = new Subscription();

  constructor(dependency: Dependency, scheduler: SchedulerLike, random: () => number, { spread, liveOf }: ProcessSettings) {
    const fill$ = dependency.ask(50).pipe(retry({ delay: () => timer(500, scheduler) }));
    const check = healthCheck('db', () => dependency.ask(1), { every: 1_000, timeout: 500, required: true, spread, scheduler, random });
    const loop = heartbeat('consumer', { within: 2_000, scheduler });
    const board = healthBoard(
      { startup: { cache: warmup('cache', fill$, { scheduler }) }, ready: { db: check }, live: { loop } },
      { scheduler },
    );
    this.life.add(interval(500, scheduler).subscribe(() => loop.beat()));
    this.life.add(board.live$.subscribe(({ status }) => this.wasLive.add(status)));
    this.life.add(liveOf(board, check).subscribe(({ status }) => (this.status.live = status)));
    this.life.add(board.startup$.subscribe(({ status }) => (this.status.startup = status)));
    this.life.add(board.ready$.subscribe(({ status }) => (this.status.ready = status)));
    this.life.add(() => board.dispose());
  }

  kill(): void {
    this.life.unsubscribe();
  }
}
