import type { Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';
import { checkKeys, checkName, checkNumber, reading } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';
import { DueTimer } from '../operator/due-timer.js';
import { HealthNode, type NodeSettings, type Reading } from './health-node.js';

/** A loop of the process's own that has to tick: a consumer, a poller, a worker. */
export interface Heartbeat {
  readonly name: string;
  /** The loop has gone round. */
  beat(): void;
  /** `up` while it beats, `down` once it has not for `within`; required. */
  readonly health$: Observable<Health>;
}

export interface HeartbeatOptions {
  /** Milliseconds without a beat after which the loop counts as stopped, above 0. */
  readonly within: number;
  /** Clock and timer. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** How another copy of the library knows one. */
const brand: unique symbol = Symbol.for('rxjs-resilience/v1/heartbeat') as never;

export function isHeartbeat(value: unknown): value is Heartbeat {
  return typeof value === 'object' && value !== null && (value as { readonly [brand]?: unknown })[brand] === true;
}

/** After a stall Node runs timers before it reads sockets: one later than this lets a beat in first. */
const punctual = 20;

/**
 * The one thing that may stand in `live` of a health board: a restart helps a loop that has stopped, and it helps
 * nothing else that a health could tell of. Call `beat()` each time the loop has gone round; it costs a reading of the
 * clock.
 *
 * It counts from the last beat or from when somebody first listened, whichever is later. A timer exists only while
 * somebody listens.
 *
 * @throws TypeError, RangeError
 *
 * ```ts
 * const consumer = heartbeat('orders consumer', { within: 30_000 });
 * for await (const message of queue) {
 *   await handle(message);
 *   consumer.beat();
 * }
 * ```
 */
export function heartbeat(name: string, options: HeartbeatOptions): Heartbeat {
  const { within, scheduler } = reading('heartbeat', () => {
    checkName('name', name);
    const given = checkKeys('options', options, ['within', 'scheduler']);
    checkNumber('within', given.within, Number.MIN_VALUE);
    checkScheduler(given.scheduler);
    return given;
  });
  const node = new Pulse({ name, required: true, scheduler }, within);
  const handle = { name, beat: () => node.beat(), health$: node.health$ };
  return Object.defineProperty(handle, brand, { value: true });
}

class Pulse extends HealthNode {
  private readonly timer: DueTimer;
  /** When it last beat, or somebody first listened, by the clock. */
  private from = 0;
  /** The same by the scheduler. */
  private fromRaw = 0;
  private lastBeat: number | undefined = undefined;
  private wasHeard = false;
  private stopped = false;
  /** Of the beats after the last stop. */
  private upSince: number | undefined = undefined;
  private letIn = false;

  constructor(
    settings: NodeSettings,
    private readonly within: number,
  ) {
    super(settings);
    this.timer = new DueTimer(this.clock, () => this.due());
  }

  beat(): void {
    this.from = this.clock.now();
    this.lastBeat = this.fromRaw = this.clock.raw;
    if (!this.stopped) return;
    this.stopped = false;
    this.upSince = this.fromRaw;
    this.changed();
    this.arm();
  }

  protected override reading(): Reading {
    const { within, lastBeat } = this;
    if (!this.stopped) return { status: 'up', details: { within }, since: this.upSince };
    return { status: 'down', details: { within, ...(lastBeat !== undefined && { lastBeat }) }, since: this.fromRaw + within };
  }

  protected override start(): void {
    const now = this.clock.now();
    if (!this.wasHeard) {
      this.wasHeard = true;
      this.from = now;
      this.fromRaw = this.clock.raw;
    }
    this.stopped = now - this.from >= this.within;
    this.arm();
  }

  protected override joined(): void {
    if (!this.letIn) this.arm();
  }

  protected override stop(): void {
    this.timer.clear();
  }

  private arm(): void {
    this.letIn = false;
    if (this.running && !this.stopped) this.timer.set(this.from + this.within);
  }

  private due(): void {
    const now = this.clock.now();
    const due = this.from + this.within;
    if (now < due) return this.arm();
    if (now - due > punctual && !this.letIn) {
      this.letIn = true;
      return this.timer.set(now);
    }
    this.stopped = true;
    this.changed();
  }
}
