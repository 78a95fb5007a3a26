import { defer, merge, type Observable, of, type SchedulerLike, Subject, takeUntil } from 'rxjs';
import { type Health, worstOf } from '../core/health.js';
import { type Components, HealthMerge } from '../operator/health-merge.js';
import type { PolicyEvent } from '../operator/policy-types.js';
import type { Part } from './make-parts.js';

/** What the parts of a pipeline say together. Nobody listens to them while nobody listens here. */
export class PipelineStreams {
  private readonly merged: HealthMerge;
  private readonly end: Subject<void> = new Subject();
  private ended = false;
  readonly events$: Observable<PolicyEvent>;

  constructor(
    private readonly name: string,
    parts: readonly Part[],
    /** Where there is no breaker to say so. */
    private readonly required: boolean,
    scheduler: SchedulerLike,
  ) {
    this.merged = new HealthMerge(scheduler, (components) => this.whole(components));
    for (const { option, policy } of parts) this.merged.set(option, policy.health$);
    const all$ = merge(...parts.map(({ policy }) => policy.events$));
    // Shared parts live on when the pipeline has ended.
    this.events$ = defer(() => all$.pipe(takeUntil(this.ended ? of(undefined) : this.end)));
  }

  get health$(): Observable<Health> {
    return this.merged.stream;
  }

  dispose(): void {
    this.merged.complete();
    this.ended = true;
    this.end.next();
  }

  /** The worst of the parts' own health: what is down stands in the way of every call, required or not. */
  private whole(components: Components): Omit<Health, 'since' | 'components'> {
    const parts = Object.values(components);
    const status = worstOf(parts.map((part) => part.status));
    const error = parts.find((part) => part.status === status && part.error !== undefined)?.error;
    const required = components['breaker']?.required ?? this.required;
    return { name: this.name, status, required, details: {}, ...(error !== undefined && { error }) };
  }
}
