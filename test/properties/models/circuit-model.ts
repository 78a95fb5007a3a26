import { asksFor, type End, granted, type ModelCall, type ModelSettings, within } from './circuit-call.js';
import { rateOf, type Recorded, slowFrom, trips } from './trip-model.js';

/** The break of the n-th opening; `null`: as long as the last one. */
export const breakOf = (attempt: number): number | null => (attempt % 3 === 0 ? null : 4 * attempt);

type Name = 'closed' | 'open' | 'half-open' | 'isolated';
type Outcome = 'successes' | 'failures' | 'ignored' | 'abandoned';

const statuses: Readonly<Record<Name, string>> = { closed: 'up', 'half-open': 'degraded', open: 'down', isolated: 'down' };
const nothing = { calls: 0, successes: 0, failures: 0, slow: 0, ignored: 0, abandoned: 0, late: 0, refused: 0, opened: 0 };

/**
 * A circuit breaker as one would explain it: it looks at the clock every millisecond, so that nothing is ever due that
 * has not happened, and keeps a list of every outcome since it was last closed.
 */
export class ModelCircuit {
  now = 0;
  state: Name = 'closed';
  since = 0;
  openings = 0;
  /** As `time state`. */
  readonly told: string[] = [];
  readonly counts: typeof nothing = { ...nothing };
  private generation = 0;
  private outcomes: Recorded[] = [];
  /** What the last failure since it was last closed has asked for. */
  private asked = 0;
  private until = 0;
  private lastBreak = 0;
  private successes = 0;
  private holders = 0;
  private downSince = 0;
  private probes: ModelCall[] = [];
  private running: ModelCall[] = [];

  constructor(
    public settings: ModelSettings,
    open: boolean,
  ) {
    if (open) this.open();
    this.counts.opened = 0;
    this.told = [`0 ${this.state}`];
  }

  get remaining(): number | undefined {
    return this.state === 'open' ? this.until - this.now : undefined;
  }

  get rate(): number | undefined {
    return rateOf(this.settings.rule, this.outcomes, this.now);
  }

  pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.now++;
      this.tick();
      for (const call of [...this.running]) if (this.now >= call.due) this.end(call, 'cut');
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

  call(deadline: boolean): ModelCall | undefined {
    this.counts.calls++;
    const halfOpen = this.state === 'half-open';
    const running = this.probes.filter(({ expired, valuedAt }) => !expired && valuedAt === undefined).length;
    if (this.state === 'open' || this.state === 'isolated' || (halfOpen && running >= this.settings.maxProbes)) {
      this.counts.refused++;
      return undefined;
    }
    const call: ModelCall = {
      generation: this.generation, probe: halfOpen, started: this.now, due: deadline ? this.now + within : Infinity,
      valuedAt: undefined, valued: false, expired: false, counted: false, settled: false,
    };
    if (halfOpen) this.probes.push(call);
    this.running.push(call);
    return call;
  }

  value(call: ModelCall, bad: boolean): void {
    if (call.settled) return;
    if (bad) return this.settle(call, 'failures', 0);
    if (call.valuedAt !== undefined) return;
    call.valuedAt = this.now;
    // Too late for its time, or slow; but not for its end.
    call.valued = !call.expired && this.now - call.started < slowFrom(this.settings.rule);
    if (this.settings.settleOn === 'firstValue') this.settle(call, 'successes', 0);
  }

  end(call: ModelCall, end: End): void {
    this.running = this.running.filter((one) => one !== call);
    if (!call.settled) this.settle(call, this.outcomeOf(call, end), end === 'busy' ? asksFor : 0);
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
    const { abandoned, calls, failures, ignored, late, refused, successes } = this.counts;
    Object.assign(this.counts, nothing, { calls: calls - successes - failures - ignored - abandoned - late - refused });
    this.outcomes = [];
    this.openings = this.asked = 0;
    if (this.state === 'open' || this.state === 'half-open') this.close();
    else this.generation++;
  }

  update(settings: Partial<ModelSettings>): void {
    this.settings = { ...this.settings, ...settings };
    if (this.state === 'half-open' && this.successes >= this.settings.successThreshold) this.close();
    this.tick();
  }

  private outcomeOf({ started, valuedAt }: ModelCall, end: End): Outcome {
    const { hungAfter } = this.settings;
    if (end === 'complete' || end === 'permanent') return 'successes';
    if (end === 'bug') return 'ignored';
    if (end === 'fail' || end === 'busy') return 'failures';
    // Had it hung? Values make no difference to a deadline; without a setting half of it is a fair time.
    if (end === 'cut') return this.now - started >= (hungAfter ?? within / 2) ? 'failures' : 'ignored';
    if (valuedAt !== undefined) return 'successes';
    return hungAfter !== undefined && this.now - started >= hungAfter ? 'failures' : 'abandoned';
  }

  private settle(call: ModelCall, outcome: Outcome, asked: number): void {
    call.settled = true;
    if (call.generation !== this.generation) {
      this.counts.late++;
      return;
    }
    const { rule } = this.settings;
    const ran = (call.valuedAt ?? this.now) - call.started;
    const slow = ran >= slowFrom(rule);
    const counts = outcome === 'successes' || outcome === 'failures';
    this.counts[outcome]++;
    if (counts && slow) this.counts.slow++;
    if (outcome === 'failures') this.asked = asked;
    this.probes = this.probes.filter((probe) => probe !== call);
    if (call.counted || !counts) return;
    if (call.probe) {
      if (outcome === 'failures' || slow) this.open();
      else this.succeed();
      return;
    }
    this.outcomes.push({ at: this.now, failed: outcome === 'failures', ran });
    if (trips(rule, this.outcomes, this.now)) this.open();
  }

  private succeed(): void {
    this.successes++;
    if (this.successes >= this.settings.successThreshold) this.close();
  }

  private open(): void {
    this.openings++;
    this.counts.opened++;
    this.lastBreak = breakOf(this.openings) ?? this.lastBreak;
    this.until = this.now + Math.max(this.lastBreak, Math.min(this.asked, granted));
    this.move('open');
    this.tick();
  }

  private close(): void {
    this.outcomes = [];
    this.openings = this.asked = 0;
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
