import { priorities } from '../../../src/core/priority.js';
import type { PolicyMode } from '../../../src/operator/policy-types.js';
import type { Answer, Asked } from './model-play.js';
import type { Script } from './script.js';
import { ShedderRules } from './shedder-rules.js';
import type { ShedderSetting, ShedderSetup } from './shedder-setting.js';

interface Books {
  mode: PolicyMode;
  calls: number;
  admitted: number;
  shed: number;
  resets: number;
  sampler: number;
}

const expired = { reason: 'DEADLINE_EXCEEDED' };

/** A shedder and one policy for each rank. */
export class ModelShedder extends ShedderRules {
  readonly samples: string[] = [];
  /** Refusals in favour of somebody less important. */
  readonly unfair: string[] = [];
  readonly books: readonly Books[] = priorities.map((_, rank) => ({ mode: 'enforce', calls: 0, admitted: 0, shed: 0, resets: 0, sampler: rank + 1 }));
  private nextLimit: number;
  private samplers = priorities.length;
  private serving = false;
  private readonly began = new Map<Asked, number>();

  constructor(scripts: readonly Script<ShedderSetting>[], setup: ShedderSetup) {
    super(scripts, setup);
    this.nextLimit = setup.limit;
  }

  protected override ask(call: Asked): Answer {
    const { rank } = call;
    const books = this.books[rank]!;
    if (books.mode === 'disabled') return 'go';
    this.hears = true;
    books.calls++;
    call.counting = books.resets;
    const verdict = this.verdict(rank);
    if (verdict === 'go') {
      this.take(call);
      this.admitted(call);
      return 'go';
    }
    if (books.mode === 'shadow') {
      if (verdict === 'full' || verdict === 'signal') this.shed(call, verdict);
      else this.admitted(call);
      return 'go';
    }
    return verdict === 'signal' ? this.shed(call, 'signal') : this.queue(call);
  }

  protected override settle(call: Asked, well: boolean): void {
    this.drop(call);
    if (!call.permit) return;
    call.permit = false;
    const { inFlight, limit, setup } = this;
    this.inFlight--;
    const books = this.books[call.rank]!;
    if (!setup.adapts || !well || call.counting !== books.resets) return;
    const latency = (this.firstValue.get(call.id) ?? this.now) - this.began.get(call)!;
    this.samples.push(`${books.sampler}: ${latency} ms with ${inFlight}`);
    this.limit = this.nextLimit;
    if (this.limit !== limit) for (const rank of this.books.keys()) this.told.push(`${rank} limitChanged`);
  }

  protected override serve(): void {
    if (this.serving) return;
    this.serving = true;
    for (let next = this.next(); next !== undefined; next = this.next()) {
      this.drop(next);
      if (next.expires <= this.now) {
        this.turnAway(next, expired.reason);
      } else {
        this.take(next);
        this.go(next);
      }
    }
    this.serving = false;
  }

  protected override tick(): void {
    const due = (): Asked | undefined =>
      this.line.filter(({ since }) => since + this.setup.timeout <= this.now).sort((a, b) => a.armed - b.armed)[0];
    for (let call = due(); call !== undefined; call = due()) {
      this.drop(call);
      this.shed(call, 'queue-timeout');
      this.turnAway(call, 'queue-timeout');
    }
  }

  protected override set(to: ShedderSetting): void {
    if ('limit' in to) this.nextLimit = to.limit;
    else if ('signal' in to) this.hear(to.signal, to.load);
    else if ('reset' in to) this.reset(to.reset);
    else this.turn(to.rank, to.mode);
  }

  private hear(signal: number, load: number): void {
    this.loads[signal] = load;
    if (!this.hears) return;
    // The least important hear of it first, of equal ones the newest; nobody waits any more by then.
    const victims = this.line.filter(({ rank }) => this.isShed(rank)).reverse().sort((a, b) => b.rank - a.rank);
    for (const call of victims) this.drop(call);
    // Judged now: what the first of them does in its handler does not make the refusal of the next one unfair.
    for (const call of victims) this.judge(call, 'signal');
    for (const call of victims) {
      this.tellShed(call, 'signal');
      this.turnAway(call, 'signal');
    }
  }

  private reset(rank: number): void {
    Object.assign(this.books[rank]!, { calls: 0, admitted: 0, shed: 0, sampler: ++this.samplers });
    this.books[rank]!.resets++;
    this.told.push(`${rank} reset`);
  }

  /** A policy that turns lets in everybody who waits by it. */
  private turn(rank: number, mode: PolicyMode): void {
    const books = this.books[rank]!;
    if (books.mode === mode) return;
    books.mode = mode;
    const waiters = this.line.filter((call) => call.rank === rank);
    for (const call of waiters) {
      this.drop(call);
      this.take(call);
    }
    for (const call of waiters) if (call.permit) this.go(call);
  }

  private queue(call: Asked): Answer {
    if (call.expires <= this.now) return expired;
    const { size } = this.setup;
    const late = this.line.length < size ? [] : this.line.filter(({ expires }) => expires <= this.now);
    for (const other of late) this.drop(other);
    const last = [...this.line].sort((a, b) => a.rank - b.rank).at(-1);
    const displaced = this.line.length >= size && last !== undefined && last.rank > call.rank ? last : undefined;
    if (displaced !== undefined) {
      this.drop(displaced);
      this.judge(displaced, 'displaced');
    }
    const waits = this.line.length < size || displaced !== undefined;
    if (waits) {
      call.since = this.now;
      this.line.push(call);
    }
    for (const other of late) this.turnAway(other, expired.reason);
    if (displaced !== undefined) {
      this.tellShed(displaced, 'displaced');
      this.turnAway(displaced, 'displaced');
    }
    return waits ? 'wait' : this.shed(call, 'full');
  }

  private take(call: Asked): void {
    call.permit = true;
    this.inFlight++;
    this.began.set(call, this.now);
  }

  private go(call: Asked): void {
    this.admitted(call);
    this.letIn(call);
  }

  private admitted({ counting, rank }: Asked): void {
    const books = this.books[rank]!;
    if (counting === books.resets) books.admitted++;
    this.told.push(`${rank} admitted`);
  }

  private shed(call: Asked, reason: string): { readonly reason: string } {
    if (reason !== 'queue-timeout') this.judge(call, reason);
    return this.tellShed(call, reason);
  }

  private judge({ id, rank }: Asked, reason: string): void {
    if (this.line.some((other) => other.rank > rank)) this.unfair.push(`${id}: ${reason}`);
  }

  private tellShed({ counting, rank }: Asked, reason: string): { readonly reason: string } {
    const books = this.books[rank]!;
    if (counting === books.resets) books.shed++;
    this.told.push(`${rank} shed ${reason}`);
    return { reason };
  }

  private drop(call: Asked): void {
    this.line = this.line.filter((other) => other !== call);
  }
}
