import { asyncScheduler, Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import type { Health, HealthStatus } from '../core/health.js';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import { type Clock, clockOf } from '../operator/clock.js';
import { DueTimer } from '../operator/due-timer.js';
import { Published } from '../operator/published.js';
import { inRootContext } from '../operator/shared.js';
import { sameHealth } from './health-status.js';
import { type InTurn, turn } from './turn.js';

/** How something is at this moment. */
export interface Reading {
  readonly status: HealthStatus;
  readonly details: Health['details'];
  /** Default: when this status was first read. */
  readonly since?: number | undefined;
  readonly error?: unknown;
  readonly components?: Health['components'];
}

export interface NodeSettings {
  readonly name: string;
  readonly required: boolean;
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * A health as a shared stream: the present one synchronously, then one emission for each change. What it is made of
 * runs while somebody listens, outside of every call: in the root context, and in the asynchronous scope in which it
 * was made.
 */
export abstract class HealthNode implements InTurn {
  readonly health$: Observable<Health>;
  readonly name: string;
  height = 0;
  protected readonly required: boolean;
  protected readonly scheduler: SchedulerLike;
  protected readonly clock: Clock;
  private readonly published: Published<Health>;
  private readonly scope: AsyncScope = captureAsyncScope();
  private readonly lingering: DueTimer;
  private lingers = false;
  private holders = 0;
  private running = false;
  private disposed = false;
  private status: HealthStatus | undefined = undefined;
  private since = 0;

  constructor({ name, required, scheduler = asyncScheduler }: NodeSettings) {
    this.name = name;
    this.required = required;
    this.scheduler = scheduler;
    this.clock = clockOf(scheduler);
    this.published = new Published(() => this.health(), sameHealth, () => undefined);
    this.lingering = new DueTimer(scheduler, this.clock, () => this.lingered());
    this.health$ = new Observable((subscriber) => this.subscribe(subscriber));
  }

  protected abstract reading(): Reading;
  /** Somebody listens now. */
  protected abstract start(): void;
  /** Nobody does any more. */
  protected abstract stop(): void;

  /** By the end of the turn listeners have it. */
  protected changed(): void {
    turn.join(this);
  }

  publish(): void {
    turn.deliver(this.height, () => this.published.push());
  }

  /** Something of this node's parts is being delivered: it comes after whatever that is. */
  protected heard(): void {
    this.height = Math.max(this.height, turn.height + 1);
  }

  /** Runs on until `ms` from now even where nobody listens. */
  linger(ms: number): void {
    if (this.disposed) return;
    if (!this.lingers) this.hold();
    this.lingers = true;
    this.lingering.set(this.clock.now() + ms);
  }

  /** The time is over for which it was to run on. */
  protected lingered(): void {
    this.lingers = false;
    this.release();
  }

  /** Completes the stream, and ends what it is made of. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.published.complete();
    this.lingering.clear();
    if (this.lingers) this.lingered();
  }

  /** Nobody but the time for which it was to run on holds it. */
  protected get isObserved(): boolean {
    return this.published.isObserved;
  }

  /** Has its start before the first value, so that this is the present one. */
  protected subscribe(subscriber: Subscriber<Health>): void {
    this.hold();
    this.replay(subscriber);
    subscriber.add(() => this.release());
  }

  protected replay(subscriber: Subscriber<Health>): void {
    turn.deliver(this.height, () => this.published.stream.subscribe(subscriber));
  }

  protected hold(): void {
    if (this.holders++ > 0 || this.disposed) return;
    this.running = true;
    this.apart(() => this.start());
  }

  protected release(): void {
    if (--this.holders > 0 || !this.running) return;
    this.running = false;
    this.stop();
  }

  /** Foreign code that belongs to no call. */
  protected apart(work: () => void): void {
    turn.deliver(turn.height, () => runInAsyncScope(this.scope, () => inRootContext(work, undefined)));
  }

  private health(): Health {
    const { status, details, since, error, components } = this.reading();
    if (status !== this.status) {
      this.status = status;
      this.since = since ?? this.scheduler.now();
    }
    return {
      name: this.name,
      status,
      required: this.required,
      since: this.since,
      details,
      ...(error !== undefined && { error }),
      ...(components !== undefined && { components }),
    };
  }
}
