import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { checkKeys, checkName, checkNumber, named, reading, refusal, show } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';
import type { HealthBoard } from '../health/health-board.js';
import { after } from '../operator/timer.js';
import { type HttpServer, OpenConnections } from './open-connections.js';
import { beginWait, warnWhenClosed } from './shutdown-waits.js';

/** A server of `node:http`, an application of Fastify or Nest, or anything that closes: with a callback or a promise. */
export interface Closable {
  close(done?: (error?: Error) => void): unknown;
}

export interface ShutdownOptions {
  /** Milliseconds between readiness going down and the server closing: load balancers have to hear of it. Default 5,000. */
  readonly wait?: number | undefined;
  /** Milliseconds after the signal at which what is still connected is cut, at least `wait`. Default 30,000. */
  readonly limit?: number | undefined;
  /** Default `['SIGTERM']`. */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Clock and timers. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

export interface ShutdownReport {
  readonly signal: NodeJS.Signals;
  /** Connections were cut: by `limit`, or by a second signal. */
  readonly forced: boolean;
}

export interface Shutdown {
  /** Resolves when the server has closed; it never rejects. */
  readonly done: Promise<ShutdownReport>;
  /** Stops listening for signals. A shutdown that has begun goes on. */
  dispose(): void;
}

interface Application {
  /** Fastify has its server within. */
  readonly server?: HttpServer;
  /** Nest has one as well. Its `close` takes the name of the signal. */
  getHttpServer?(): HttpServer;
  readonly enableShutdownHooks?: unknown;
}

/** Milliseconds between looks for connections that have become idle. */
const sweep = 100;

/**
 * On a signal: readiness goes down, then the server is given time to be taken out of rotation, then it takes no new
 * connections, lets what runs end, and closes. Connections that are kept alive are closed after their answer, and answers
 * whose head is not out say so. `limit` or a second signal cuts everything at once, WebSockets and tunnels included.
 *
 * NestJS closes its server by itself after `app.enableShutdownHooks()`; with `ResilienceModule` it waits for this first.
 *
 * The process is not ended: it ends by itself when nothing holds it any more. While this listens, a signal does not end
 * it either; after the second one, the next does.
 *
 * ```ts
 * const shutdown = shutdownOnSignal(server, board);
 * await shutdown.done;
 * await pool.end();
 * ```
 */
export function shutdownOnSignal(server: Closable, board: Pick<HealthBoard, 'drain'>, options: ShutdownOptions = {}): Shutdown {
  return reading('shutdownOnSignal', () => new SignalShutdown(server, board, readShutdown(server, board, options)));
}

type ShutdownSetup = Required<{ [K in keyof ShutdownOptions]: NonNullable<ShutdownOptions[K]> }>;

function readShutdown(server: Closable, board: Pick<HealthBoard, 'drain'>, options: ShutdownOptions): ShutdownSetup {
  const given = checkKeys('options', options, ['wait', 'limit', 'signals', 'scheduler']);
  const { wait = 5_000, limit = 30_000, signals = ['SIGTERM'], scheduler = asyncScheduler } = given;
  checkNumber('wait', wait, 0);
  checkNumber('limit', limit, wait);
  checkScheduler(scheduler);
  if (!Array.isArray(signals)) throw refusal('signals', 'an array', signals);
  for (const signal of signals) checkName('signals', signal);
  if (typeof server?.close !== 'function') throw new TypeError(`${named('server')} must have close(), got ${show(server)}`);
  if (typeof board?.drain !== 'function') throw refusal('board', 'a healthBoard', board);
  return { wait, limit, signals: [...(signals as readonly NodeJS.Signals[])], scheduler };
}

class SignalShutdown implements Shutdown {
  readonly done: Promise<ShutdownReport>;
  private resolve!: (report: ShutdownReport) => void;
  private readonly timers: Set<Subscription> = new Set();
  private readonly http: HttpServer;
  private readonly connections: OpenConnections;
  private readonly isNest: boolean;
  private readonly listeners: readonly (readonly [NodeJS.Signals, () => void])[];
  private signal: NodeJS.Signals | undefined = undefined;
  private closing = false;
  private forced = false;
  private over = false;
  private endWait: (() => void) | undefined = undefined;

  constructor(
    private readonly server: Closable,
    private readonly board: Pick<HealthBoard, 'drain'>,
    private readonly setup: ShutdownSetup,
  ) {
    const application = server as Application;
    this.isNest = typeof application.enableShutdownHooks === 'function';
    this.http = application.getHttpServer?.() ?? application.server ?? (server as HttpServer);
    this.connections = new OpenConnections(this.http);
    this.done = new Promise((resolve) => (this.resolve = resolve));
    // Who emits a signal by hand may leave out its name.
    this.listeners = setup.signals.map((signal) => [signal, () => this.heard(signal)]);
    for (const [signal, listener] of this.listeners) process.on(signal, listener);
  }

  dispose(): void {
    this.unlisten();
    if (this.signal === undefined) this.connections.dispose();
  }

  private unlisten(): void {
    for (const [signal, listener] of this.listeners) process.off(signal, listener);
  }

  private heard(signal: NodeJS.Signals): void {
    if (this.signal !== undefined) {
      this.cut();
      return;
    }
    this.signal = signal;
    this.endWait = beginWait();
    warnWhenClosed(this.http, () => !this.closing);
    this.board.drain(signal);
    this.later(this.setup.wait, () => this.close());
    this.later(this.setup.limit, () => this.cut());
  }

  private close(): void {
    if (this.closing || this.over) return;
    this.closing = true;
    this.endWait?.();
    this.connections.close();
    const closed = (): void => this.finish();
    try {
      const given = this.isNest ? (this.signal as never) : closed;
      const result = this.server.close(given) as PromiseLike<unknown> | undefined;
      if (typeof result?.then === 'function') result.then(closed, closed);
    } catch {
      closed();
    }
    this.sweep();
  }

  /** What was busy when the server closed is idle by and by; what came in before it had closed is cut with the rest. */
  private sweep(): void {
    if (this.over) return;
    if (this.forced) this.connections.cut();
    else this.connections.closeIdle();
    this.later(sweep, () => {
      if (this.forced) this.connections.ifAnyIsLeft(() => this.finish());
      this.sweep();
    });
  }

  private cut(): void {
    if (this.over) return;
    this.forced = true;
    this.close();
    // Another signal has nothing left to cut: it ends the process.
    this.unlisten();
    // A server that cannot be told to cut anything does not hold up whoever waits.
    if (!this.connections.cut()) this.finish();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    for (const timer of this.timers) timer.unsubscribe();
    this.timers.clear();
    this.unlisten();
    this.connections.dispose();
    this.resolve({ signal: this.signal!, forced: this.forced });
  }

  private later(ms: number, work: () => void): void {
    const timer = after(this.setup.scheduler, ms, () => {
      this.timers.delete(timer);
      work();
    });
    this.timers.add(timer);
  }
}
