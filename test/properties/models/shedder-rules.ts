import { type Asked, ModelPlay } from './model-play.js';
import type { Script } from './script.js';
import type { ShedderSetting, ShedderSetup } from './shedder-setting.js';

export type Verdict = 'go' | 'wait' | 'displace' | 'full' | 'signal';

/** Permits by shares of a limit, and those who wait for one in the order in which they came: who may go, and who not. */
export abstract class ShedderRules extends ModelPlay<ShedderSetting> {
  inFlight = 0;
  limit: number;
  line: Asked[] = [];
  protected readonly loads: number[] = [0, 0];
  /** Signals are heard from the first call on. */
  protected hears = false;

  constructor(
    scripts: readonly Script<ShedderSetting>[],
    protected readonly setup: ShedderSetup,
  ) {
    super(scripts);
    this.limit = setup.limit;
  }

  /** What a call of this rank would be told. */
  verdict(rank: number): Verdict {
    const { line, setup } = this;
    if (this.isShed(rank)) return 'signal';
    if (this.inFlight < this.shareOf(rank) && line.every((other) => other.rank > rank)) return 'go';
    if (line.length < setup.size) return 'wait';
    return line.some((other) => other.rank > rank) ? 'displace' : 'full';
  }

  /** Calls in flight up to which a rank gets in. */
  shareOf(rank: number, limit: number = this.limit): number {
    return Math.max(1, Math.floor((this.setup.shares[rank]! * limit) / 100));
  }

  protected isShed(rank: number): boolean {
    return this.hears && rank > 0 && Math.max(...this.loads) >= this.setup.ceilings[rank]!;
  }

  /** Who may go now: the most important, of equal ones the oldest, where a permit is free for them. */
  protected next(): Asked | undefined {
    const first = [...this.line].sort((a, b) => a.rank - b.rank)[0];
    return first !== undefined && this.inFlight < this.shareOf(first.rank) ? first : undefined;
  }
}
