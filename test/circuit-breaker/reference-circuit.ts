/** How a call ends, as its consumer sees it. */
export type End = 'complete' | 'fail' | 'bug' | 'leave';

export interface ReferenceCall {
  readonly generation: number;
  readonly probe: boolean;
  readonly started: number;
  valued: boolean;
  /** Its time as a probe is over: it has counted, or its slot is free. */
  expired: boolean;
  counted: boolean;
}

export interface ReferenceSettings {
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly maxProbes: number;
  readonly probeTimeout: number;
}

/** The break of the n-th opening; `null`: as long as the last one. */
export const breakOf = (attempt: number): number | null => (attempt % 3 === 0 ? null : 4 * attempt);

type Name = 'closed' | 'open' | 'half-open' | 'isolated';
type Status = 'up' | 'degraded' | 'down';

const statuses: Readonly<Record<Name, Status>> = { closed: 'up', 'half-open': 'degraded', open: 'down', isolated: 'down' };

/**
 * A circuit breaker as one would explain it: it looks at the clock every millisecond, so that nothing is ever due that
 * has not happened.
 */
export class ReferenceCircuit {
  now = 0;
  state: Name = 'closed';
  since = 0;
  openings = 0;
  /** As `time state`. */
  readonly told: string[] = ['0 closed'];
  readonly counts = { calls: 0, successes: 0, failures: 0, ignored: 0, abandoned: 0, late: 0, refused: 0, opened: 0 };
  private generation = 0;
  private row = 0;
  private until = 0;
  private lastBreak = 0;
  private successes = 0;
  private holders = 0;
  private downSince = 0;
  private probes: ReferenceCall[] = [];

  constructor(public settings: ReferenceSettings) {}

  get remaining(): number | undefined {
    return this.state === 'open' ? this.until - this.now : undefined;
  }

  pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.now++;
      this.tick();
    }
  }

  /** What is due at this moment. */
  tick(): void {
    if (this.state === 'open' && this.now >= this.until) this.move('half-open');
    for (const probe of [...this.probes]) {
      if (probe.expired || this.now < probe.started + this.settings.probeTimeout) continue;
      probe.expired = true;
      if (!probe.valued) continue;
      probe.counted = true;
      this.succeed();
      if (this.state !== 'half-open') return;
    }
  }

  call(): ReferenceCall | undefined {
    this.counts.calls++;
    const halfOpen = this.state === 'half-open';
    const running = this.probes.filter(({ expired }) => !expired).length;
    if (this.state === 'open' || this.state === 'isolated' || (halfOpen && running >= this.settings.maxProbes)) {
      this.counts.refused++;
      return undefined;
    }
    const call = { generation: this.generation, probe: halfOpen, started: this.now, valued: false, expired: false, counted: false };
    if (halfOpen) this.probes.push(call);
    return call;
  }

  value(call: ReferenceCall): void {
    // Too late for its time, but not for its end.
    if (!call.expired) call.valued = true;
  }

  /** `hadValue`: the consumer has seen one, in time or not. */
  end(call: ReferenceCall, end: End, hadValue: boolean): void {
    const { counts } = this;
    if (call.generation !== this.generation) {
      counts.late++;
      return;
    }
    this.probes = this.probes.filter((probe) => probe !== call);
    const well = end === 'complete' || (end === 'leave' && hadValue);
    if (well) counts.successes++;
    else if (end === 'fail') counts.failures++;
    else if (end === 'bug') counts.ignored++;
    else counts.abandoned++;
    if (call.counted || (!well && end !== 'fail')) return;
    if (call.probe) {
      if (well) this.succeed();
      else this.open();
      return;
    }
    this.row = well ? 0 : this.row + 1;
    if (this.row >= this.settings.failureThreshold) this.open();
  }

  isolate(): void {
    this.holders++;
    if (this.holders === 1) this.move('isolated');
  }

  release(): void {
    this.holders--;
    if (this.holders === 0) this.close();
  }

  reset(): void {
    const { successes, failures, ignored, abandoned, late, refused } = this.counts;
    const running = this.counts.calls - successes - failures - ignored - abandoned - late - refused;
    Object.assign(this.counts, { calls: running, successes: 0, failures: 0, ignored: 0, abandoned: 0, late: 0, refused: 0, opened: 0 });
    this.row = this.openings = 0;
    if (this.state === 'open' || this.state === 'half-open') this.close();
    else this.generation++;
  }

  update(settings: Partial<ReferenceSettings>): void {
    this.settings = { ...this.settings, ...settings };
    if (this.state === 'half-open' && this.successes >= this.settings.successThreshold) this.close();
    this.tick();
  }

  private succeed(): void {
    this.successes++;
    if (this.successes >= this.settings.successThreshold) this.close();
  }

  private open(): void {
    this.openings++;
    this.counts.opened++;
    this.lastBreak = breakOf(this.openings) ?? this.lastBreak;
    this.until = this.now + this.lastBreak;
    this.move('open');
    this.tick();
  }

  private close(): void {
    this.row = this.openings = 0;
    this.move('closed');
  }

  private move(to: Name): void {
    const sameOutage = this.state === 'half-open' && this.successes === 0;
    if (to === 'open' && !sameOutage) this.downSince = this.now;
    if (statuses[to] !== statuses[this.state]) this.since = to === 'open' ? this.downSince : this.now;
    this.state = to;
    this.generation++;
    this.probes = [];
    this.successes = 0;
    this.told.push(`${this.now} ${to}`);
  }
}
