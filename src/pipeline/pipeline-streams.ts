import { defer, merge, type Observable, of, type SchedulerLike, Subject, takeUntil } from 'rxjs';
import { type Health, worstOf } from '../core/health.js';
import { CombinedHealth, type Whole } from '../health/combined-health.js';
import type { Components } from '../health/components.js';
import type { PolicyEvent } from '../operator/policy-types.js';
import type { Part } from './make-parts.js';

/** What the parts of a pipeline say together. Nobody listens to them while nobody listens here. */
export class PipelineStreams {
  private readonly merged: CombinedHealth;
  private readonly end: Subject<void> = new Subject();
  private ended = false;
  readonly events$: Observable<PolicyEvent>;

  constructor(
    name: string,
    parts: readonly Part[],
    /** Where there is no breaker to say so. */
    required: boolean,
    scheduler: SchedulerLike,
  ) {
    const healths = parts.map(({ option, policy }): [string, Observable<Health>] => [option, policy.health$]);
    this.merged = new CombinedHealth(new Map(healths), { name, required, scheduler }, wholeOf);
    const all$ = merge(...parts.map(({ policy }) => policy.events$));
    // Shared parts live on when the pipeline has ended.
    this.events$ = defer(() => all$.pipe(takeUntil(this.ended ? of(undefined) : this.end)));
  }

  get health$(): Observable<Health> {
    return this.merged.health$;
  }

  dispose(): void {
    this.merged.dispose();
    this.ended = true;
    this.end.next();
  }
}

/** The worst of the parts' own health: what is down stands in the way of every call, required or not. */
function wholeOf(components: Components): Whole {
  const parts = Object.values(components);
  const status = worstOf(parts.map((part) => part.status));
  const error = parts.find((part) => part.status === status && part.error !== undefined)?.error;
  return { status, required: components['breaker']?.required, error };
}
