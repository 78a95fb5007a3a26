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
  /** By rank: when that changed last, of which `refusing` has the bits. */
  readonly since: number[];
  private refusing = 0;

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
    return line.hasRoom || this.victimFor(rank) !== undefined ? 'wait' : 'full';
  }

  /** The least important of those who wait, the newest of them, leaves the queue for one who is more important. */
  displace(rank: number): ShedWait | undefined {
    const victim = this.victimFor(rank);
    if (victim !== undefined) this.line.leave(victim);
    return victim;
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
    let refusing = 0;
    for (let rank = 0; rank <= leastImportant; rank++) {
      const verdict = this.verdict(rank);
      if (verdict === 'full' || verdict === 'signal') refusing |= 1 << rank;
    }
    const turned = refusing ^ this.refusing;
    if (turned === 0) return;
    this.refusing = refusing;
    const now = this.scheduler.now();
    for (let rank = 0; rank <= leastImportant; rank++) if ((turned & (1 << rank)) !== 0) this.since[rank] = now;
    for (const listener of [...this.listeners]) listener.healthChanged();
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

  private victimFor(rank: number): ShedWait | undefined {
    const last = this.line.last();
    return last !== undefined && last.rank > rank ? last.value : undefined;
  }

  /**
   * All leave the queue before one of them hears of it: what their consumers then ask for is decided without them. The
   * least important hear of it first.
   */
  private signalChanged(): void {
    const victims = this.line.size === 0 ? [] : this.line.all().filter(({ rank }) => this.isShed(rank));
    victims.reverse().sort((a, b) => b.rank - a.rank);
    for (const victim of victims) this.line.leave(victim);
    this.changed();
    for (const victim of victims) victim.owner.shedWaiting(victim, 'signal');
  }
}
