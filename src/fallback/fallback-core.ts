import { type Observable, tap } from 'rxjs';
import { Ending } from '../core/ending.js';
import { type Classify, classify, isFailure } from '../core/classify.js';
import { isFailedResponse } from '../core/response.js';
import type { Call } from '../operator/call.js';
import { toContext, type CallContext } from '../operator/context.js';
import { checkPolicyUpdate, type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { Policy, PolicyEvent } from '../operator/policy-types.js';
import type { Instead } from '../operator/stage.js';
import type { FallbackEvent, FallbackMetrics } from './fallback-events.js';
import { checkDecision, decisionNames, type FallbackOptions } from './fallback-options.js';

/** What `update` takes, for calls that end from now on. */
export type FallbackUpdate = Pick<FallbackOptions, 'when' | 'classify' | 'mode' | 'required'>;

/** A fallback widens what the pipe emits by what it answers itself. */
export interface FallbackOperator<R, E extends PolicyEvent = FallbackEvent> extends Policy<E, FallbackUpdate, FallbackMetrics> {
  <T>(source: Observable<T>): Observable<T | R>;
}

/** What answers instead, or nothing where there is no answer to this one. */
export type Answer = (error: unknown, context: CallContext) => Observable<unknown> | undefined;

/** What has been counted since the last reset. A call keeps those of the time at which it came. */
export interface FallbackCounters {
  used: number;
  failed: number;
}

/** Decides which errors are answered, and counts. */
export class FallbackCore extends PolicyCore<FallbackEvent> {
  private when: FallbackOptions['when'];
  private classify: Classify;
  private counters: FallbackCounters = { used: 0, failed: 0 };
  private degraded = false;
  /** It is made inline, for each call: the clock is read for it only where somebody looks. */
  private since: number | undefined = undefined;

  constructor(
    options: FallbackOptions,
    /** Its answer is there already, or is not: it can be asked for in shadow mode as well. */
    private readonly remembers: boolean = false,
  ) {
    super('fallback', options);
    this.when = options.when;
    this.classify = options.classify ?? classify;
  }

  /** What `settle` wants to have back. */
  admitted(): FallbackCounters {
    if (this.mode !== 'disabled') this.calls++;
    return this.counters;
  }

  settle(call: Call, at: number, ending: Ending, error: unknown, answer: Answer, counters: FallbackCounters): Instead | undefined {
    if (this.mode === 'disabled') return undefined;
    if (ending !== Ending.failed) {
      const counts = counters === this.counters;
      const good = ending === Ending.completed || (ending === Ending.left && call.hasSeen(at));
      if (this.degraded && good && counts) this.turn(false);
      return undefined;
    }
    return this.instead(call, at, error, answer, counters);
  }

  /** The first value: a `Response` that stands for a failed call is answered as an error would be. */
  first(call: Call, at: number, value: unknown, answer: Answer, counters: FallbackCounters): Instead | undefined {
    if (this.mode === 'disabled' || !isFailedResponse(value)) return undefined;
    return call.inScope(() => this.instead(call, at, value, answer, counters));
  }

  /** What answers for an error, or for a response in its place. */
  private instead(call: Call, at: number, error: unknown, answer: Answer, counters: FallbackCounters): Instead | undefined {
    const context = toContext(call.frameAt(at));
    if (!this.answers(error, context)) return undefined;
    const enforced = this.mode === 'enforce';
    const asks = enforced || this.remembers;
    const source = asks ? answer(error, context) : undefined;
    if (asks && source === undefined) return undefined;
    counters.used++;
    if (counters === this.counters) this.turn(true);
    if (this.isListenedTo) this.tell({ type: 'used', error }, call, at);
    if (!enforced || source === undefined) return undefined;
    const noteFailed = (own: unknown): void => {
      counters.failed++;
      if (this.isListenedTo) call.inScope(() => this.tell({ type: 'failed', error: own, cause: error }));
    };
    return { at, source: source.pipe(tap({ error: noteFailed })) };
  }

  protected override reading(): HealthReading {
    return { status: this.degraded ? 'degraded' : 'up', details: {}, since: (this.since ??= this.scheduler.now()) };
  }

  /** Failures never get out to a policy that acts on them, unless it was said which ones are answered. */
  isInVain(): boolean {
    return this.when === undefined;
  }

  metrics(): FallbackMetrics {
    return { calls: this.calls, ...this.counters };
  }

  protected override forget(): void {
    this.calls = 0;
    this.counters = { used: 0, failed: 0 };
    this.turn(false);
  }

  update(update: FallbackUpdate): void {
    const options = checkPolicyUpdate(update, decisionNames);
    checkDecision(options);
    const { when = this.when, classify = this.classify } = options;
    this.when = when;
    this.classify = classify;
    this.updateCommon(options);
    this.healthChanged();
  }

  private answers(error: unknown, context: CallContext): boolean {
    if (this.when !== undefined) return this.when(error, context);
    const kind = this.classify(error);
    return kind === 'refused' || isFailure(kind, error);
  }

  private turn(degraded: boolean): void {
    if (this.degraded === degraded) return;
    this.degraded = degraded;
    this.since = this.scheduler.now();
    this.healthChanged();
  }
}
