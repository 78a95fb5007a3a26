import type { Outcome } from './outcome.js';
import { byStart, closesAt, takeSlot } from './circuit-probes.js';
import type { Circuitry, CircuitSettings, CircuitState, Counted, Probe, Refusal, Transition } from './circuit-state.js';
import type { TripRule, TripState } from './trip-state.js';

/**
 * The circuit: closed, open, half-open or isolated. Pure: every time is told to it, and a change that time alone brings
 * about (open to half-open, a slow probe that turns out well) is made at the next call to it, for the time at which it
 * was due. Each state has a generation: what was admitted in an earlier one is late and moves nothing.
 */
export class Circuit {
  generation = 0;
  private at: Circuitry = { name: 'closed' };

  constructor(
    public trip: TripState,
    private settings: CircuitSettings,
    /** How long to stay open now that it opens: milliseconds. */
    private readonly breakFor: (error: unknown) => number,
    /** Called after each change of state; `probed`: from a half-open one in which a probe has succeeded. */
    private readonly moved: (transition: Transition, error: unknown, probed: boolean) => void,
  ) {}

  /** The state in which it was left; time may have moved it on since. */
  get isClosed(): boolean {
    return this.at.name === 'closed';
  }

  get name(): CircuitState {
    return this.at.name;
  }

  /** The state at `now`. Changes nothing. */
  stateAt(now: number): CircuitState {
    const { at } = this;
    if (at.name === 'open') return now >= at.until ? 'half-open' : 'open';
    if (at.name === 'half-open') return closesAt(at, this.settings) <= now ? 'closed' : 'half-open';
    return at.name;
  }

  /** When time alone moves it on, or when a probe's slot is free: `Infinity` where nothing is due. */
  get due(): number {
    const { at } = this;
    if (at.name === 'open') return at.until;
    return at.name === 'half-open' ? closesAt(at, this.settings) : Infinity;
  }

  /** The rate of the trip's rule; it is clear once time has closed the circuit, whether or not anybody has looked. */
  rateAt(now: number): number | undefined {
    return this.stateAt(now) === 'closed' && !this.isClosed ? undefined : this.trip.rate(now);
  }

  /** Makes the changes that were due by `now`. */
  advance(now: number): void {
    if (this.at.name === 'open' && now >= this.at.until) {
      this.move({ name: 'half-open', probes: [], successes: 0 }, this.at.until);
    }
    if (this.at.name === 'half-open') this.freeSlots(this.at, now);
  }

  /** Nothing in a closed circuit, a probe in a half-open one, or a refusal. Call `advance` first unless it is closed. */
  admit(now: number): Probe | Refusal | undefined {
    const { at } = this;
    switch (at.name) {
      case 'closed':
        return undefined;
      case 'open':
        return { reason: 'open', retryAfter: at.until - now };
      case 'isolated':
        return { reason: 'isolated', retryAfter: undefined };
      case 'half-open':
        return takeSlot(at, this.settings, this.generation, now);
    }
  }

  /**
   * A call that was admitted in `generation`, as `probe` where it was one, has ended.
   *
   * @param now not a number where nobody read the clock: a probe, a failure and a timed rule need it
   */
  settle(generation: number, probe: Probe | undefined, outcome: Outcome, ran: number, now: number, error: unknown): Counted {
    if (generation !== this.generation) return 'late';
    if (probe !== undefined) return this.settleProbe(probe, outcome, ran, now, error);
    if (outcome !== 'success' && outcome !== 'failure') return 'ignored';
    const { trip } = this;
    trip.record(outcome === 'failure', ran, now);
    return trip.trips(now) ? 'trips' : 'counted';
  }

  /** Opens the circuit, for `ms` where that is given. */
  open(now: number, error: unknown, ms: number = this.breakFor(error)): void {
    this.move({ name: 'open', until: now + ms }, now, error);
  }

  /** Goes on by other settings. What was due until now was due by the old ones; what has succeeded may be enough now. */
  adapt(settings: CircuitSettings, rule: TripRule | undefined, now: number): void {
    this.advance(now);
    this.settings = settings;
    if (rule !== undefined) this.trip = rule.start(this.trip);
    if (this.at.name === 'half-open' && this.at.successes >= settings.successThreshold) this.close(now);
    // A shorter time may be over since before it was set; what that leads to happens now.
    if (this.at.name === 'half-open') this.freeSlots(this.at, now, now);
  }

  /** Forgets everything but who holds it isolated. */
  reset(now: number): void {
    this.advance(now);
    this.trip.clear();
    if (this.at.name === 'closed' || this.at.name === 'isolated') this.generation++;
    else this.close(now);
  }

  isolate(now: number): void {
    this.advance(now);
    if (this.at.name === 'isolated') this.at.handles++;
    else this.move({ name: 'isolated', handles: 1 }, now);
  }

  release(now: number): void {
    if (this.at.name === 'isolated' && --this.at.handles === 0) this.close(now);
  }

  private settleProbe(probe: Probe, outcome: Outcome, ran: number, now: number, error: unknown): Counted {
    this.advance(now);
    const { at } = this;
    // Probes whose time was over have closed it.
    if (at.name !== 'half-open') return 'late';
    const place = at.probes.indexOf(probe);
    // It has counted already: it had a value when its time was over.
    if (place < 0) return 'ignored';
    at.probes.splice(place, 1);
    if (outcome !== 'success' && outcome !== 'failure') return 'ignored';
    if (outcome === 'failure' || ran >= this.trip.slowerThan) this.open(now, error);
    else this.succeed(at, now);
    return 'counted';
  }

  private succeed(at: Circuitry & { name: 'half-open' }, now: number): void {
    at.successes++;
    if (at.successes >= this.settings.successThreshold) this.close(now);
  }

  /** A probe whose time is over has succeeded where it had a value; else it frees its slot for the next caller. */
  private freeSlots(at: Circuitry & { name: 'half-open' }, now: number, earliest: number = -Infinity): void {
    const { probeTimeout } = this.settings;
    for (const probe of byStart(at)) {
      const over = probe.started + probeTimeout;
      if (!probe.running || over > now) continue;
      probe.running = false;
      if (!probe.valued) continue;
      at.probes.splice(at.probes.indexOf(probe), 1);
      this.succeed(at, Math.max(over, earliest));
      if (this.at !== at) return;
    }
  }

  private close(now: number): void {
    this.trip.clear();
    this.move({ name: 'closed' }, now);
  }

  private move(to: Circuitry, at: number, error?: unknown): void {
    const before = this.at;
    this.at = to;
    this.generation++;
    const probed = before.name === 'half-open' && before.successes > 0;
    this.moved({ from: before.name, to: to.name, at }, error, probed);
  }
}
