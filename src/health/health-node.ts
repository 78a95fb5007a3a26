import { asyncScheduler, Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs';
import type { Health, HealthStatus } from '../core/health.js';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import { type Clock, clockOf } from '../operator/clock.js';
import { DueTimer } from '../operator/due-timer.js';
import { Published } from '../operator/published.js';
import { type Derived, settleWhenTold, whileTelling } from '../operator/settling.js';
import { inRootContext } from '../operator/shared.js';
import { type Moment, sameWhole, withComponents } from './components.js';

/** How something is at this moment. */
export interface Reading {
  readonly status: HealthStatus;
  readonly details: Health['details'];
  /** Since when, where that is not the moment at which this status is first read; asked where the status has changed. */
  readonly since?: number | (() => number | undefined) | undefined;
  readonly error?: unknown;
  /** Where it may change. */
  readonly required?: boolean | undefined;
  readonly components?: Moment | undefined;
}

export interface NodeSettings {
  readonly name: string;
  readonly required: boolean;
  readonly scheduler?: SchedulerLike | undefined;
}

/** Of the node that tells its health at this moment. */
let telling = 0;

/** Who leaves has only looked: what runs at this moment may end. */
let looking = false;

/** Runs what subscribes, or leaves, for one answer. */
function whileLooking(work: () => void): void {
  const outer = looking;
  looking = true;
  try {
    work();
  } finally {
    looking = outer;
  }
}

/** What a look has begun ends by itself, for the next one to find; a listener who leaves ends it. */
export function isLook(): boolean {
  return looking;
}

/** Listens until `until` is closed, as one who has only looked. */
export function look(health$: Observable<Health>, until: Subscription, next: (health: Health) => void, complete?: () => void): void {
  const listening = new Subscription();
  until.add(() => whileLooking(() => listening.unsubscribe()));
  whileLooking(() => listening.add(health$.subscribe({ next, complete: () => complete?.() })));
}

/**
 * A health as a shared stream: the present one synchronously, then one emission for each change. What it is made of
 * runs while somebody listens, outside of every call: in the root context, and in the asynchronous scope in which it
 * was made.
 */
export abstract class HealthNode implements Derived {
  readonly health$: Observable<Health>;
  /** Greater than that of everything it is made of, as it learns it. */
  height = 1;
  protected readonly scheduler: SchedulerLike;
  protected readonly clock: Clock;
  private readonly published: Published<Health>;
  private readonly scope: AsyncScope = captureAsyncScope();
  private readonly lingering: DueTimer;
  private stay: Subscription | undefined = undefined;
  private holders = 0;
  /** Somebody listens, or it lingers. */
  protected running = false;
  private disposed = false;
  /** As last read. */
  protected status: HealthStatus | undefined = undefined;
  private since = 0;

  constructor(private readonly settings: NodeSettings) {
    this.scheduler = settings.scheduler ?? asyncScheduler;
    this.clock = clockOf(this.scheduler);
    this.published = new Published(() => this.health(), sameWhole, () => undefined);
    this.lingering = new DueTimer(this.clock, () => this.stay?.unsubscribe());
    this.health$ = new Observable((subscriber) => this.subscribe(subscriber));
  }

  protected abstract reading(): Reading;
  /** Somebody listens now. */
  protected abstract start(): void;
  /** Nobody does any more. */
  protected abstract stop(): void;

  /** Listeners have it once all have heard of what has caused it: one change is one emission, on however many paths. */
  protected changed(): void {
    settleWhenTold(this);
  }

  settle(): void {
    this.tell(() => this.published.push());
  }

  /** Something that this node is made of tells its health: it comes after that. */
  protected heard(): void {
    this.height = Math.max(this.height, telling + 1);
  }

  /**
   * Runs on until it has an answer, at most until `ms` from now, even where nobody listens: what somebody has begun to ask
   * and not waited for is there for the next one. No timer is left once it is answered.
   */
  linger(ms: number, isAnswer: (health: Health) => boolean): void {
    if (this.stay?.closed !== false) {
      const stay = (this.stay = new Subscription(() => this.lingering.clear()));
      look(this.health$, stay, (health) => isAnswer(health) && stay.unsubscribe());
    }
    if (!this.stay.closed && !this.disposed) this.lingering.set(this.clock.now() + ms);
  }

  /** Completes the stream, and ends what it is made of. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.published.complete();
    this.stay?.unsubscribe();
  }

  /** It starts before the first value, so that this is the present one. */
  protected subscribe(subscriber: Subscriber<Health>): void {
    this.hold();
    this.replay(subscriber);
    subscriber.add(() => this.release());
  }

  protected replay(subscriber: Subscriber<Health>): void {
    this.tell(() => void this.published.stream.subscribe(subscriber));
  }

  protected hold(): void {
    if (this.holders++ > 0) {
      if (this.running) this.apart(() => this.joined());
      return;
    }
    if (this.disposed) return;
    this.running = true;
    this.apart(() => this.start());
  }

  /** One more listens: a timer that a test has thrown away with its fake clock is armed anew. */
  protected joined(): void {}

  protected release(): void {
    if (--this.holders > 0) return;
    this.running = false;
    this.apart(() => this.stop());
  }

  /** Runs foreign code, which belongs to no call; what it changes at once is one change. */
  protected apart(work: () => void): void {
    const foreign = (): void => runInAsyncScope(this.scope, () => inRootContext(work, undefined));
    // What a policy or a subject tells meanwhile is not told by the node that is telling now.
    whileTelling(() => this.tell(foreign, 0));
  }

  private tell(work: () => void, height: number = this.height): void {
    const outer = telling;
    telling = height;
    try {
      work();
    } finally {
      telling = outer;
    }
  }

  private health(): Health {
    const { status, details, since, error, required, components } = this.reading();
    if (status !== this.status) {
      this.status = status;
      this.since = (typeof since === 'function' ? since() : since) ?? this.scheduler.now();
    }
    const health: Health = {
      name: this.settings.name,
      status,
      required: required ?? this.settings.required,
      since: this.since,
      details,
      ...(error !== undefined && { error }),
    };
    return components === undefined ? health : withComponents(health, components);
  }
}
