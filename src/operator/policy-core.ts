import { asyncScheduler, Observable, type SchedulerLike, Subject } from 'rxjs';
import { type Health, type HealthStatus, sameHealth } from '../core/health.js';
import { checkBoolean, checkFunction, checkKeys, checkName, checkOneOf } from '../core/options.js';
import { inItsZone, noticeZones, runInAsyncScope } from './async-resource.js';
import type { Call } from './call.js';
import { checkScheduler, type Clock, clockOf } from './clock.js';
import type { PolicyEvent, PolicyKind, PolicyMode, PolicyOptions, Told } from './policy-types.js';
import { policyModes, policyOptionNames } from './policy-types.js';
import { Published } from './published.js';
import { inRootContext } from './shared.js';

export interface HealthReading {
  readonly status: HealthStatus;
  /** Clock-free facts that change as rarely as the status does. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly since: number;
  readonly error?: unknown;
}

/** Who is told of a policy for as long as it stands, at no cost to its calls. */
export interface PolicyWatch {
  /** It has opened, closed, been isolated, released or reset: what moves the policy itself, never one call. */
  transition?(event: PolicyEvent): void;
  /** Asked before a circuit opens by itself: false keeps it closed, until the next outcome asks again. */
  mayOpen?(): boolean;
  disposed?(): void;
}

/** The options as a plain object. Refuses what those that every policy takes may not be, and names that are unknown. */
export function checkPolicyOptions<O extends PolicyOptions>(options: O, own: readonly string[]): O {
  // Most of what is written inline has no options.
  if (options === noOptions) return options;
  const given = checkKeys('options', options, policyOptionNames, own);
  const { name, scheduler, random } = given;
  checkCommon(given);
  if (name !== undefined) checkName('name', name);
  checkScheduler(scheduler);
  if (random !== undefined) checkFunction('random', random);
  return given;
}

/** The default of what a factory takes. */
export const noOptions: PolicyOptions = {};

function checkCommon({ mode, required }: PolicyOptions): void {
  if (mode !== undefined) checkOneOf('mode', mode, policyModes);
  if (required !== undefined) checkBoolean('required', required);
}

/** The same for `update`: identity, clock and chance stay for good. */
export function checkPolicyUpdate<O extends PolicyOptions>(options: O, own: readonly string[]): O {
  const given = checkKeys('options', options, ['mode', 'required'], own);
  checkCommon(given);
  return given;
}

/** What the policies have in common: identity, clock, and streams that cost nothing while nobody listens. */
export abstract class PolicyCore<E extends PolicyEvent> {
  readonly name: string;
  mode: PolicyMode;
  /** What users hold: it says the mode as well. */
  handle: { mode: PolicyMode } | undefined = undefined;
  required: boolean;
  readonly scheduler: SchedulerLike;
  readonly clock: Clock;
  readonly random: () => number;
  calls = 0;
  private subject: Subject<E> | undefined = undefined;
  private published: Published<Health> | undefined = undefined;
  protected disposed = false;
  protected watches: readonly PolicyWatch[] | undefined = undefined;

  constructor(
    readonly kind: PolicyKind,
    options: PolicyOptions,
  ) {
    noticeZones();
    this.name = options.name ?? kind;
    this.mode = options.mode ?? 'enforce';
    this.required = options.required ?? false;
    this.scheduler = options.scheduler ?? asyncScheduler;
    this.clock = clockOf(this.scheduler);
    this.random = options.random ?? Math.random;
  }

  /** How the thing is at this moment, were the policy to enforce. */
  protected abstract reading(): HealthReading;

  get isListenedTo(): boolean {
    return this.subject !== undefined && this.subject.observed;
  }

  get events$(): Observable<E> {
    if (this.subject === undefined) {
      const subject = (this.subject = new Subject<E>());
      if (this.disposed) subject.complete();
      this.eventStream = new Observable((subscriber) => {
        const subscription = subject.subscribe(inItsZone(subscriber));
        this.listenersChanged();
        subscription.add(() => this.listenersChanged());
        return subscription;
      });
    }
    return this.eventStream!;
  }
  private eventStream: Observable<E> | undefined = undefined;

  get health$(): Observable<Health> {
    return this.publishedHealth().stream;
  }

  /**
   * Ask `isListenedTo` first: an event is made only while somebody listens. `position` is that of the policy's stage,
   * where stages further in may have been admitted: their context is none of its business.
   */
  tell(event: Told<E>, call?: Call, position?: number): void {
    const context = call === undefined ? undefined : eventContext(call, position);
    const told = this.whole(event, this.scheduler.now(), context);
    runInAsyncScope(call?.scope, () => inRootContext(() => this.subject?.next(told), undefined));
  }

  /** What moves the policy itself: watchers hear of it whether or not anybody listens to its events. */
  protected tellTransition(event: Told<E>, at: number = this.scheduler.now()): void {
    const { watches = [] } = this;
    if (!this.isListenedTo && watches.length === 0) return;
    const whole = this.whole(event, at, undefined);
    for (const watch of watches) inRootContext((told: E) => watch.transition?.(told), whole);
    inRootContext((told: E) => this.subject?.next(told), whole);
  }

  /** What was done by hand. */
  protected tellBy(type: string, caller: string | undefined): void {
    this.tellTransition({ type, ...(caller !== undefined && { caller }) } as unknown as Told<E>);
  }

  private whole(event: Told<E>, at: number, context: PolicyEvent['context']): E {
    return { ...event, policy: this.name, kind: this.kind, at, ...(context !== undefined && { context }) } as unknown as E;
  }

  /** Until what it returns is called. */
  watchedBy(watch: PolicyWatch): () => void {
    this.watches = [...(this.watches ?? []), watch];
    return () => {
      const others = this.watches!.filter((other) => other !== watch);
      this.watches = others.length === 0 ? undefined : others;
    };
  }

  reset(caller?: string): void {
    this.forget();
    this.tellBy('reset', caller);
  }

  /** Forgets history and counters, not what runs or waits. */
  protected abstract forget(): void;

  /** Something that health is made of may have changed. */
  healthChanged(): void {
    this.published?.push();
  }

  health(): Health {
    const { status, details, since, error } = this.reading();
    const enforced = this.mode === 'enforce';
    return {
      name: this.name,
      status: enforced ? status : 'up',
      required: this.required,
      since,
      details: enforced ? details : { ...details, mode: this.mode, would: status },
      ...(error !== undefined && { error }),
    };
  }

  /** Takes over the options that every policy can change; the policy has checked them. */
  protected updateCommon(options: PolicyOptions): void {
    if (options.mode !== undefined) this.mode = options.mode;
    // Before anybody hears of the change, or is let in by it.
    if (this.handle !== undefined) this.handle.mode = this.mode;
    if (options.required !== undefined) this.required = options.required;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.publishedHealth().complete();
    this.subject?.complete();
    for (const watch of this.watches ?? []) inRootContext(() => watch.disposed?.(), undefined);
  }

  protected get isHealthObserved(): boolean {
    return this.published?.isObserved === true;
  }

  /** Somebody listens to health, or nobody any more. */
  protected healthObserved(_listening: boolean): void {}

  /** One more listens to the events, or one less. */
  protected listenersChanged(): void {}

  private publishedHealth(): Published<Health> {
    return (this.published ??= new Published(
      () => this.health(),
      sameHealth,
      (listening) => this.healthObserved(listening),
    ));
  }
}

function eventContext(call: Call, position: number | undefined): PolicyEvent['context'] {
  const { attempt, priority, tags } = position === undefined ? call.frame : call.frameWith(position);
  return { attempt, ...(priority !== undefined && { priority }), ...(tags !== undefined && { tags }) };
}
