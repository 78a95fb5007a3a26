import type { QueueOrder } from '../../../src/core/permit-queue.js';
import type { PolicyMode } from '../../../src/operator/policy-types.js';
import { type Answer, type Asked, ModelPlay } from './model-play.js';
import type { Script } from './script.js';

/** What can be done to a bulkhead. */
export type BulkheadSetting =
  | { readonly limit?: number; readonly size?: number; readonly order?: QueueOrder; readonly mode?: PolicyMode }
  | 'reset';

export interface BulkheadSetup {
  readonly limit: number;
  readonly size: number;
  readonly order: QueueOrder;
  /** Milliseconds that a call may wait for. */
  readonly timeout: number;
  readonly mode: PolicyMode;
  /** Whether the limit comes from an observable: it is heard from the first call on, and is 1 until then. */
  readonly observable: boolean;
}

const expired = { reason: 'DEADLINE_EXCEEDED' };

/** A bulkhead: a number of permits, and those who wait for one in the order in which they came. */
export class ModelBulkhead extends ModelPlay<BulkheadSetting> {
  active = 0;
  readonly counts = { calls: 0, accepted: 0, refused: { full: 0, 'queue-timeout': 0 }, peak: 0, waited: 0 };
  /** The oldest first. */
  line: Asked[] = [];
  setup: BulkheadSetup;
  private serving = false;
  private resets = 0;
  private hears: boolean;

  constructor(scripts: readonly Script<BulkheadSetting>[], setup: BulkheadSetup) {
    super(scripts);
    this.setup = setup;
    this.hears = !setup.observable;
  }

  get limit(): number {
    return this.hears ? this.setup.limit : 1;
  }

  /** Whether a call that came now would be refused. */
  get isFull(): boolean {
    const { size } = this.setup;
    return (this.active >= this.limit || this.line.length > 0) && this.line.length >= size;
  }

  protected override ask(call: Asked): Answer {
    const { mode } = this.setup;
    if (mode === 'disabled') return 'go';
    this.hears = true;
    this.counts.calls++;
    call.counting = this.resets;
    call.shadow = mode === 'shadow';
    if (this.active >= this.limit || this.line.length > 0) return this.queue(call);
    this.take(call);
    this.counts.accepted++;
    this.told.push('started 0');
    return 'go';
  }

  protected override settle(call: Asked): void {
    if (this.drop(call)) this.told.push('left');
    if (call.permit) this.active--;
    call.permit = false;
  }

  protected override serve(): void {
    if (this.serving) return;
    this.serving = true;
    for (let next = this.next(); next !== undefined && this.active < this.limit; next = this.next()) {
      this.drop(next);
      if (this.hasExpired(next)) {
        this.expire(next);
      } else {
        this.take(next);
        this.go(next);
      }
    }
    this.serving = false;
  }

  protected override tick(): void {
    const due = (): Asked | undefined =>
      this.line
        .filter(({ since, subscribing }) => !subscribing && since + this.setup.timeout <= this.now)
        .sort((a, b) => a.armed - b.armed)[0];
    for (let call = due(); call !== undefined; call = due()) {
      this.drop(call);
      if (call.counting === this.resets) this.counts.refused['queue-timeout']++;
      this.told.push('refused queue-timeout');
      if (!call.shadow) this.turnAway(call, 'queue-timeout');
    }
  }

  protected override set(to: BulkheadSetting): void {
    if (to === 'reset') {
      Object.assign(this.counts, { calls: 0, accepted: 0, refused: { full: 0, 'queue-timeout': 0 }, peak: this.active, waited: 0 });
      this.resets++;
      this.told.push('reset');
      return;
    }
    const { limit, mode } = this.setup;
    this.setup = { ...this.setup, ...to, limit };
    if (this.setup.mode !== mode) this.letEverybodyIn();
    // The observable says it after the rest was updated.
    if (this.setup.observable) this.serve();
    this.setup = { ...this.setup, limit: to.limit ?? this.setup.limit };
    this.serve();
  }

  /** Who is next, by definition: nobody who waits may come before them. */
  private next(): Asked | undefined {
    const { order, size } = this.setup;
    const { line } = this;
    if (order === 'priority') return [...line].sort((a, b) => a.rank - b.rank)[0];
    return order === 'lifo' || (order === 'adaptive-lifo' && line.length > size / 2) ? line.at(-1) : line[0];
  }

  private queue(call: Asked): Answer {
    const { counts, setup } = this;
    if (this.hasExpired(call)) return expired;
    const hasRoom = (): boolean => this.line.length < setup.size;
    // Those who would never start keep no place from a newcomer.
    const late = hasRoom() || call.shadow ? [] : this.line.filter((other) => this.hasExpired(other));
    for (const other of late) this.drop(other);
    // Those for whom a permit is free go before anybody else, and keep no place either.
    const waits = this.line.length < setup.size + Math.max(0, this.limit - this.active);
    if (waits) {
      call.since = this.now;
      this.line.push(call);
      this.told.push('queued');
    } else {
      counts.refused.full++;
      this.told.push('refused full');
    }
    for (const other of late) this.expire(other);
    if (call.shadow) return 'go';
    return waits ? 'wait' : { reason: 'full' };
  }

  private take(call: Asked): void {
    call.permit = true;
    this.active++;
    this.counts.peak = Math.max(this.counts.peak, this.active);
  }

  private go(call: Asked): void {
    const waited = this.now - call.since;
    if (call.counting === this.resets) {
      this.counts.accepted++;
      this.counts.waited += waited;
    }
    this.told.push(`started ${waited}`);
    if (!call.shadow) this.letIn(call);
  }

  private expire(call: Asked): void {
    this.told.push('left');
    this.turnAway(call, expired.reason);
  }

  private letEverybodyIn(): void {
    const { line } = this;
    this.line = [];
    for (const call of line) this.take(call);
    for (const call of line) if (call.permit) this.go(call);
  }

  private drop(call: Asked): boolean {
    const waits = this.line.includes(call);
    this.line = this.line.filter((other) => other !== call);
    return waits;
  }

  private hasExpired({ expires, shadow }: Asked): boolean {
    return !shadow && expires <= this.now;
  }
}
