import type { Observable, SchedulerLike } from 'rxjs';
import type { ConcurrencyLimit } from '../core/concurrency-limit.js';
import { priorities } from '../core/priority.js';
import { type Gate, type QueueSetup, WaitingLine } from '../operator/waiting-line.js';
import type { LoadShedder } from './load-shedder.js';
import { LoadSignals } from './load-signals.js';
import type { ShedWait } from './shed-ticket.js';
import { allowed } from './shares.js';

/** What becomes of a call that comes now; `wait` also by taking the place of a less important one. */
export type Verdict = 'go' | 'wait' | 'full' | 'signal';

/** A policy that wants to hear of its shedder. */
export interface ShedderListener {
  healthChanged(): void;
  limitChanged(limit: number, previous: number): void;
}

export const leastImportant: number = priorities.length - 1;

/** Permits by shares of a limit, a queue in which the important displace the others, and load signals. */
export class Shedder implements LoadShedder, Gate<ShedWait> {
  readonly '~shedder' = true;
  inFlight = 0;
  readonly line: WaitingLine<ShedWait>;
  readonly signals: LoadSignals;
  /** Policies whose health or events are listened to. */
  readonly listeners: Set<ShedderListener> = new Set();
  /** Bits of the ranks of which a call would be refused now. */
  private refusing = 0;
  /** By rank: when that changed last. */
  readonly since: number[];

  constructor(
    readonly name: string,
    readonly limiter: ConcurrencyLimit,
    private readonly shares: readonly number[],
    private readonly ceilings: readonly number[],
    queue: QueueSetup,
    signals: readonly Observable<number>[],
    private readonly scheduler: SchedulerLike,
  ) {
    this.line = new WaitingLine(this, scheduler, queue);
    this.signals = new LoadSignals(signals, () => this.signalChanged());
    this.since = priorities.map(() => scheduler.now());
  }

  get limit(): number {
    return this.limiter.limit;
  }

  get queued(): number {
    return this.line.size;
  }

  get capacity(): number {
    return this.line.capacity;
  }

  verdict(rank: number): Verdict {
    const { line } = this;
    if (this.isShed(rank)) return 'signal';
    if (this.hasPermit(rank) && (line.size === 0 || line.peek()!.rank > rank)) return 'go';
    return line.hasRoom || this.victimOf(rank) !== undefined ? 'wait' : 'full';
  }

  /** Whose place a call of this rank takes where there is no room: the least important, of these the newest. */
  victimOf(rank: number): ShedWait | undefined {
    const last = this.line.last();
    return last !== undefined && last.rank > rank ? last.value : undefined;
  }

  take(): void {
    this.inFlight++;
  }

  isFreeFor({ rank }: ShedWait): boolean {
    return this.hasPermit(rank);
  }

  /** Whether a call of this rank would be refused now. */
  refuses(rank: number): boolean {
    return (this.refusing & (1 << rank)) !== 0;
  }

  /** Something that verdicts depend on has changed. */
  changed(): void {
    // Where the least important would get through, and nobody waits, so would all.
    if (this.refusing === 0 && this.line.size === 0 && this.verdict(leastImportant) === 'go') return;
    const before = this.refusing;
    for (let rank = 0; rank <= leastImportant; rank++) {
      const verdict = this.verdict(rank);
      if ((verdict === 'full' || verdict === 'signal') === this.refuses(rank)) continue;
      this.refusing ^= 1 << rank;
      this.since[rank] = this.scheduler.now();
    }
    if (this.refusing !== before) for (const listener of [...this.listeners]) listener.healthChanged();
  }

  /** A sample may have moved the limit. */
  limitMayHaveChanged(previous: number): void {
    const { limit } = this;
    if (limit === previous) return;
    this.changed();
    for (const listener of [...this.listeners]) listener.limitChanged(limit, previous);
  }

  dispose(): void {
    this.signals.stop();
  }

  private isShed(rank: number): boolean {
    return rank > 0 && this.signals.worst >= this.ceilings[rank]!;
  }

  private hasPermit(rank: number): boolean {
    return this.inFlight < allowed(this.shares[rank]!, this.limiter.limit);
  }

  /**
   * All leave the queue before one of them hears of it: what their consumers then ask for is decided without them. The
   * least important hear of it first.
   */
  private signalChanged(): void {
    const victims: ShedWait[] = [];
    for (let last = this.line.last(); last !== undefined && this.isShed(last.rank); last = this.line.last()) {
      victims.push(last.value);
      this.line.leave(last.value);
    }
    this.changed();
    for (const victim of victims) victim.owner.shedWaiting(victim, 'signal');
  }
}
