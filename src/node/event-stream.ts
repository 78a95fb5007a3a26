import type { ServerResponse } from 'node:http';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import { type Clock, clockOf } from '../operator/clock.js';
import { DueTimer } from '../operator/due-timer.js';
import { openStream } from './answer.js';
import type { BoardWatch } from './board-watch.js';
import type { HandlerSetup } from './handler-options.js';
import { StreamClient, type StreamSource } from './stream-client.js';
import { StreamState } from './stream-state.js';
import { opening } from './stream-text.js';

/** Milliseconds between looks at what there is to send. */
const pace = 100;
/** Of them there is one look at the policies for each so many. */
const policiesEvery = 10;

interface Connected {
  readonly client: StreamClient;
  readonly leave: () => void;
}

/** The stream of server-sent events: one timer and one look for all who are connected, none while nobody is. */
export class EventStream implements StreamSource {
  private readonly connected: Map<ServerResponse, Connected> = new Map();
  private readonly clock: Clock;
  private readonly instance: string;
  /** What serves everybody does not run as the request that came first. */
  private readonly scope: AsyncScope = captureAsyncScope();
  private state: StreamState | undefined = undefined;
  private readonly timer: DueTimer;
  /** When the next look is due, by the clock. */
  private nextAt = 0;
  private looks = 0;

  constructor(
    private readonly setup: HandlerSetup,
    private readonly board: BoardWatch,
  ) {
    this.clock = clockOf(setup.scheduler);
    this.timer = new DueTimer(this.clock, () => this.tick());
    const part = (): string => Math.floor(setup.random() * 2 ** 32).toString(36);
    this.instance = `${part()}${part()}`;
  }

  get isFull(): boolean {
    return this.connected.size >= this.setup.maxStreams;
  }

  connect(res: ServerResponse, lastEventId: string | undefined): void {
    const now = this.clock.now();
    runInAsyncScope(this.scope, () => this.start(now));
    const state = this.state!;
    const client = new StreamClient(res, state.transitions.cursorOf(lastEventId), now);
    const leave = (): void => this.leave(res);
    this.connected.set(res, { client, leave });
    res.on('close', leave).on('error', ignore);
    openStream(res);
    res.write(opening);
    client.flush(now, this);
  }

  /** Ends every stream. */
  dispose(): void {
    for (const res of [...this.connected.keys()]) this.end(res);
  }

  get healthVersion(): number {
    return this.board.version;
  }

  health(): Uint8Array {
    return this.board.message();
  }

  get policiesVersion(): number {
    return this.state!.feed.version;
  }

  policiesSince(version: number): Uint8Array {
    return this.state!.feed.since(version);
  }

  eventAfter(cursor: number): { readonly id: number; readonly bytes: Uint8Array } | undefined {
    return this.state!.transitions.after(cursor);
  }

  /** With the first who connects; with each other one, a timer that a test has thrown away is armed anew. */
  private start(now: number): void {
    if (this.state === undefined) {
      const { on, registry, scheduler } = this.setup;
      this.state = new StreamState(registry, this.instance, on.control, scheduler);
      this.looks = 0;
      this.nextAt = now + pace;
    }
    this.timer.set(this.nextAt);
  }

  private tick(): void {
    const now = this.clock.now();
    this.nextAt = now + pace;
    this.timer.set(this.nextAt);
    if (++this.looks % policiesEvery === 0) this.state?.look();
    for (const [res, { client }] of [...this.connected]) {
      // Nobody who wants to close a server waits for a stream that has no end of its own.
      if ((res.socket as { server?: { listening?: boolean } } | null)?.server?.listening === false) this.end(res);
      else if (!client.flush(now, this)) this.drop(res);
    }
  }

  private end(res: ServerResponse): void {
    this.leave(res);
    res.end();
  }

  private drop(res: ServerResponse): void {
    this.leave(res);
    res.destroy();
  }

  private leave(res: ServerResponse): void {
    const connected = this.connected.get(res);
    if (connected === undefined) return;
    // Who has left may still fail: that listener goes with the response.
    res.off('close', connected.leave);
    this.connected.delete(res);
    if (this.connected.size > 0) return;
    this.timer.clear();
    this.state?.dispose();
    this.state = undefined;
  }
}

function ignore(): void {}
