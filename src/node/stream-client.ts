import type { ServerResponse } from 'node:http';
import { heartbeat } from './stream-text.js';

/** Messages that a client gets within a second. */
const most = 10;
const second = 1_000;
/** Milliseconds of silence after which there is a heartbeat. */
const silence = 15_000;
/** Bytes that a client may leave unread. */
const mostUnread = 262_144;
/** For how long it may read nothing of them. */
const patience = 1_000;

/** What there is to tell. */
export interface StreamSource {
  readonly healthVersion: number;
  health(): Uint8Array;
  readonly policiesVersion: number;
  policiesSince(version: number): Uint8Array;
  eventAfter(cursor: number): { readonly id: number; readonly bytes: Uint8Array } | undefined;
}

/**
 * One client: how far it has come with each kind of message. Nothing is kept for it, so one that is slow gets the latest
 * of everything when it can, and every transition in turn.
 */
export class StreamClient {
  private healthSeen = 0;
  private policiesSeen = 0;
  /** Of the latest messages, the oldest first. */
  private readonly times: number[] = [];
  private turn = 0;
  private wrote: number;
  private unread = 0;
  private readAt: number;

  constructor(
    private readonly res: ServerResponse,
    private cursor: number,
    now: number,
  ) {
    this.wrote = this.readAt = now;
  }

  /** Sends what may be sent; false where the client is to be dropped. */
  flush(now: number, source: StreamSource): boolean {
    for (;;) {
      if (this.isStuck(now)) return now - this.readAt < patience;
      if (this.times.length === most && now - this.times[0]! < second) break;
      const bytes = this.next(source);
      if (bytes === undefined) break;
      if (this.times.length === most) this.times.shift();
      this.times.push(now);
      this.write(bytes, now);
    }
    if (now - this.wrote >= silence) this.write(heartbeat, now);
    return true;
  }

  /** More is unread than may be: it gets nothing more until it has read. */
  private isStuck(now: number): boolean {
    const { writableLength } = this.res;
    if (writableLength <= mostUnread || writableLength < this.unread) this.readAt = now;
    this.unread = writableLength;
    return writableLength > mostUnread;
  }

  /** In turns: what changes all the time must not keep the others waiting. */
  private next(source: StreamSource): Uint8Array | undefined {
    for (let tried = 0; tried < 3; tried++) {
      const bytes = this.take(this.turn, source);
      this.turn = (this.turn + 1) % 3;
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  private take(turn: number, source: StreamSource): Uint8Array | undefined {
    if (turn === 0) {
      if (this.healthSeen === source.healthVersion) return undefined;
      this.healthSeen = source.healthVersion;
      return source.health();
    }
    if (turn === 1) {
      if (this.policiesSeen === source.policiesVersion) return undefined;
      const bytes = source.policiesSince(this.policiesSeen);
      this.policiesSeen = source.policiesVersion;
      return bytes;
    }
    const event = source.eventAfter(this.cursor);
    if (event !== undefined) this.cursor = event.id;
    return event?.bytes;
  }

  private write(bytes: Uint8Array, now: number): void {
    this.wrote = now;
    this.res.write(bytes);
    this.unread = this.res.writableLength;
  }
}
