import type { Observable, SchedulerLike } from 'rxjs';
import type { ConcurrencyLimit } from '../core/concurrency-limit.js';
import type { Waiter } from '../core/permit-queue.js';
import { priorities } from '../core/priority.js';
import { type Gate, WaitingLine } from '../operator/waiting-line.js';
import type { LoadShedder } from './load-shedder.js';
import { LoadSignals } from './load-signals.js';
import type { ShedWait } from './shed-ticket.js';
import { allowed } from './shares.js';

/** What becomes of a call that comes now. `displace`: it takes the place of a less important one that waits. */
export type Verdict = 'go' | 'wait' | 'displace' | 'full' | 'signal';

/** A policy that wants to hear of its shedder. */
export interface ShedderListener {
  healthChanged(): void;
  limitChanged(limit: number, previous: number): void;
}

const leastImportant = priorities.length - 1;

/** Permits by shares of a limit, a queue in which the important displace the others, and load signals. */
export class Shedder implements LoadShedder, Gate<ShedWait> {
  readonly '~shedder' = true;
  inFlight = 0;
  readonly line: WaitingLine<ShedWait>;
  /** Policies whose health is listened to. */
  readonly watchers: Set<ShedderListener> = new Set();
  /** Policies whose events have been asked for. */
  readonly listeners: Set<ShedderListener> = new Set();
  private readonly signals: LoadSignals;
  /** For which limit `allowances` holds. */
  private known = 0;
  private allowances: readonly number[] = [];
  /** Bits of the ranks that would be refused, and when that last changed. */
  private refusing = 0;
  private readonly since: number[];

  constructor(
    readonly name: string,
    readonly limiter: ConcurrencyLimit,
    private readonly shares: readonly number[],
    private readonly ceilings: readonly number[],
    capacity: number,
    timeout: number,
    signals: readonly Observable<number>[],
    private readonly scheduler: SchedulerLike,
  ) {
    this.line = new WaitingLine(scheduler, 'priority', capacity, timeout);
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

  start(): void {
    this.signals.start();
  }

  verdict(rank: number): Verdict {
    const { line } = this;
    if (this.isShed(rank)) return 'signal';
    if (this.inFlight < this.allowanceOf(rank) && (line.size === 0 || line.peek()!.rank > rank)) return 'go';
    if (line.hasRoom) return 'wait';
    const last = line.last();
    return last !== undefined && last.rank > rank ? 'displace' : 'full';
  }

  /** The least important of those who wait, the newest of them, leaves the queue for one who is more important. */
  displace(): ShedWait | undefined {
    const last = this.line.last()?.value;
    if (last !== undefined) this.line.leave(last);
    return last;
  }

  take(): void {
    this.inFlight++;
  }

  /** Calls in flight as it ended, itself included. */
  giveBack(): number {
    return this.inFlight--;
  }

  wake(): void {
    if (this.line.size > 0) this.line.serve(this);
  }

  isFreeFor({ rank }: Waiter<ShedWait>): boolean {
    return this.inFlight < this.allowanceOf(rank);
  }

  turnOf(waiting: ShedWait): void {
    waiting.owner.turnOf(waiting);
  }

  /** Whether a call of this rank would be refused now, and since when that is so. */
  readingOf(rank: number): { refusing: boolean; since: number } {
    return { refusing: (this.refusing & (1 << rank)) !== 0, since: this.since[rank]! };
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
    for (const watcher of [...this.watchers]) watcher.healthChanged();
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

  private allowanceOf(rank: number): number {
    const { limit } = this.limiter;
    if (limit !== this.known) {
      this.known = limit;
      this.allowances = this.shares.map((share) => allowed(share, limit));
    }
    return this.allowances[rank]!;
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
