import { Observable, type SchedulerLike, Subscription } from 'rxjs';
import type { Health } from '../core/health.js';
import { clockOf } from '../operator/clock.js';
import { DueTimer } from '../operator/due-timer.js';
import type { HealthNode } from './health-node.js';

/** How an answer is waited for. */
export interface Patience {
  readonly isAnswer: (health: Health) => boolean;
  /** Milliseconds. */
  readonly within: number;
  readonly scheduler: SchedulerLike;
}

/**
 * The first health that is an answer, or what there is once the time is over. Parts that were not listened to go on for
 * as long again: what a read has begun is there for the next one, even where the first has left.
 */
export function readOnce(node: HealthNode, { isAnswer, within, scheduler }: Patience): Observable<Health> {
  return new Observable((subscriber) => {
    let latest: Health | undefined;
    const waiting = new Subscription();
    const answer = (): void => {
      waiting.unsubscribe();
      subscriber.next(latest!);
      subscriber.complete();
    };
    const clock = clockOf(scheduler);
    const timer = new DueTimer(scheduler, clock, answer);
    waiting.add(() => timer.clear());
    subscriber.add(waiting);
    node.linger(within);
    waiting.add(
      node.health$.subscribe({
        next: (health) => {
          latest = health;
          if (isAnswer(health)) answer();
        },
        complete: answer,
      }),
    );
    if (!waiting.closed) timer.set(clock.now() + within);
  });
}
