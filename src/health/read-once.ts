import { Observable, type SchedulerLike, Subscription } from 'rxjs';
import type { Health } from '../core/health.js';
import { inItsZone } from '../operator/async-resource.js';
import { clockOf } from '../operator/clock.js';
import { DueTimer } from '../operator/due-timer.js';
import { type HealthNode, look } from './health-node.js';

/** How an answer is waited for. */
export interface Patience {
  readonly isAnswer: (health: Health) => boolean;
  /** Milliseconds. */
  readonly within: number;
  readonly scheduler: SchedulerLike;
}

/**
 * The first health that is an answer, or what there is once the time is over. Parts that have not answered are listened to
 * until they do, for as long at most: what a read has begun is there for the next one, even where the first has left.
 */
export function readOnce(node: HealthNode, { isAnswer, within, scheduler }: Patience): Observable<Health> {
  return new Observable((subscriber) => {
    const reader = inItsZone(subscriber);
    let latest: Health | undefined;
    const waiting = new Subscription();
    const answer = (): void => {
      waiting.unsubscribe();
      reader.next(latest!);
      reader.complete();
    };
    const clock = clockOf(scheduler);
    const timer = new DueTimer(clock, answer);
    waiting.add(() => timer.clear());
    subscriber.add(waiting);
    const next = (health: Health): void => {
      latest = health;
      if (!waiting.closed && isAnswer(health)) answer();
    };
    look(node.health$, waiting, next, answer);
    if (waiting.closed) return;
    timer.set(clock.now() + within);
    node.linger(within, isAnswer);
  });
}
