import { type Observable, tap } from 'rxjs';
import { Ending } from '../core/ending.js';
import { type Classify, classify } from '../core/classify.js';
import type { Call } from '../operator/call.js';
import { toContext, type CallContext } from '../operator/context.js';
import { checkPolicyUpdate, type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { Policy, PolicyEvent } from '../operator/policy-types.js';
import type { Instead } from '../operator/stage.js';
import type { FallbackEvent, FallbackMetrics } from './fallback-events.js';
import { checkDecision, decisionNames, type FallbackOptions } from './fallback-options.js';

export type FallbackUpdate = Pick<FallbackOptions, 'when' | 'classify' | 'mode' | 'required'>;

/** A fallback widens what the pipe emits by what it answers itself. */
export interface FallbackOperator<R, E extends PolicyEvent = FallbackEvent> extends Policy<E, FallbackUpdate, FallbackMetrics> {
  <T>(source: Observable<T>): Observable<T | R>;
}

/** What answers instead, or nothing where there is no answer to this one. */
export type Answer = (error: unknown, context: CallContext) => Observable<unknown> | undefined;

/** Decides which errors are answered, and counts. */
export class FallbackCore extends PolicyCore<FallbackEvent> {
  private when: FallbackOptions['when'];
  private classify: Classify;
  private used = 0;
  private failed = 0;
  private counting = 0;
  private degraded = false;
  private since: number | undefined = undefined;
  private readonly made: number;

  constructor(options: FallbackOptions) {
    super('fallback', options);
    this.when = options.when;
    this.classify = options.classify ?? classify;
    this.made = this.scheduler.now();
  }

  /** What `settle` wants to have back: calls from before a reset count no more. */
  admitted(): number {
    if (this.mode !== 'disabled') this.calls++;
    return this.counting;
  }

  settle(call: Call, at: number, ending: Ending, error: unknown, answer: Answer, counting: number): Instead | undefined {
    if (this.mode === 'disabled') return undefined;
    if (ending !== Ending.failed) {
      const good = ending === Ending.completed || (ending === Ending.left && call.hasSeen(at));
      if (this.degraded && good && counting === this.counting) this.turn(false);
      return undefined;
    }
    const context = toContext(call.frameAt(at));
    if (!this.answers(error, context)) return undefined;
    const source = this.mode === 'enforce' ? answer(error, context) : undefined;
    if (source === undefined && this.mode === 'enforce') return undefined;
    const counts = counting === this.counting;
    if (counts) {
      this.used++;
      this.turn(true);
    }
    if (this.isListenedTo) this.tell({ type: 'used', error }, call, at);
    if (source === undefined) return undefined;
    const watched = source.pipe(tap({ error: (own: unknown) => this.noteFailed(own, error, counting) }));
    return { at, source: watched };
  }

  protected override reading(): HealthReading {
    return { status: this.degraded ? 'degraded' : 'up', details: {}, since: this.since ?? this.made };
  }

  metrics(): FallbackMetrics {
    const { calls, used, failed } = this;
    return { calls, used, failed };
  }

  reset(caller?: string): void {
    this.counting++;
    this.calls = this.used = this.failed = 0;
    if (this.degraded) this.turn(false);
    if (this.isListenedTo) this.tell({ type: 'reset', ...(caller !== undefined && { caller }) });
  }

  update(options: FallbackUpdate): void {
    checkPolicyUpdate(options, decisionNames);
    checkDecision(options);
    if (options.when !== undefined) this.when = options.when;
    if (options.classify !== undefined) this.classify = options.classify;
    this.updateCommon(options);
    this.healthChanged();
  }

  private answers(error: unknown, context: CallContext): boolean {
    if (this.when !== undefined) return this.when(error, context);
    const kind = this.classify(error);
    return kind === 'transient' || kind === 'refused';
  }

  private noteFailed(error: unknown, cause: unknown, counting: number): void {
    if (counting === this.counting) this.failed++;
    if (this.isListenedTo) this.tell({ type: 'failed', error, cause });
  }

  private turn(degraded: boolean): void {
    if (this.degraded === degraded) return;
    this.degraded = degraded;
    this.since = this.scheduler.now();
    this.healthChanged();
  }
}
