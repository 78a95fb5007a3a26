import type { Observable, Subscriber } from 'rxjs';
import type { Health } from '../core/health.js';
import { checkFunction, checkName, reading } from '../core/options.js';
import { DueTimer } from '../operator/due-timer.js';
import { type TimeSource, timeSourceOf } from '../operator/timer-list.js';
import { afterResult, changesAt, type CheckRules, type CheckState, viewAt } from './check-state.js';
import { type CheckSetup, type HealthCheckOptions, readCheck } from './health-options.js';
import { HealthNode, isLook, type Reading } from './health-node.js';
import { Probe } from './probe.js';
import type { ProbeResult, Result } from './probe-result.js';

/**
 * The health of a dependency, by asking it. `probe` is called when somebody subscribes and then every `every`
 * milliseconds while somebody listens, once for all subscribers, and never while the one before it runs. Its first
 * value, or its completion, is the result (`ProbeResult`); one that has not come by `timeout` is unsubscribed. A throw,
 * an error and a timeout are `down`; their error is in `error`, and nothing of its text in `details`.
 *
 * It is `unknown` at first. The first result decides at once; from then on it takes `failAfter` results in a row to make
 * it worse and `recoverAfter` to make it better. More than 4 changes within `10 * every` show the worse state until
 * `5 * every` have passed without one (`details.flapping`). A result older than `staleAfter` is `unknown`
 * (`details.stale`): nobody has listened, or no answer came.
 *
 * A probe runs outside of every call, and the stream never errors. With the last subscriber the probe that runs is
 * unsubscribed, and the next subscriber's comes at once. Where that was a `read` of a board, the probe ends by itself.
 *
 * @throws TypeError, RangeError for options that are not as said
 *
 * ```ts
 * const db = healthCheck('db', () => pool.query('select 1'), { required: true });
 * const search = healthCheck('search', () => attempt(({ signal }) => fetch(`${url}/ping`, { signal })));
 * ```
 */
export function healthCheck(name: string, probe: () => ProbeResult, options: HealthCheckOptions = {}): Observable<Health> {
  const setup = reading('healthCheck', () => {
    checkName('name', name);
    checkFunction('probe', probe);
    return readCheck(options);
  });
  return new Check(name, probe, setup).health$;
}

/** More changes than this within 10 intervals are flapping, which 5 intervals without one end. */
const flapping = { changes: 4, within: 10, calm: 5 };

class Check extends HealthNode {
  private readonly rules: CheckRules;
  private readonly timer: DueTimer;
  private readonly time: TimeSource;
  private state: CheckState | undefined = undefined;
  private probe: Probe | undefined = undefined;
  /** When the next probe is due, by the clock. */
  private nextAt = -Infinity;

  constructor(
    private readonly name: string,
    private readonly ask: () => ProbeResult,
    private readonly setup: CheckSetup,
  ) {
    super({ name, required: setup.required, scheduler: setup.scheduler });
    const { every } = setup;
    this.rules = { ...setup, changes: flapping.changes, within: flapping.within * every, calm: flapping.calm * every };
    this.time = timeSourceOf(this.scheduler);
    this.timer = new DueTimer(this.clock, () => this.due());
  }

  /** Its first subscriber sees how it is before anything is asked. */
  protected override subscribe(subscriber: Subscriber<Health>): void {
    this.replay(subscriber);
    if (subscriber.closed) return;
    this.hold();
    subscriber.add(() => this.release());
  }

  protected override reading(): Reading {
    const now = this.clock.now();
    const { status, details, error, changedAt } = viewAt(this.state, now, this.rules);
    return { status, details, error, since: changedAt === undefined ? undefined : this.clock.raw - (now - changedAt) };
  }

  protected override start(): void {
    if (this.probe === undefined && this.clock.now() >= this.nextAt) this.begin();
    this.arm();
  }

  protected override joined(): void {
    this.arm();
  }

  protected override stop(): void {
    this.timer.clear();
    // It ends by its timeout at the latest.
    if (this.probe === undefined || isLook()) return;
    this.probe.abandon();
    this.probe = undefined;
    this.nextAt = -Infinity;
  }

  private due(): void {
    this.apart(() => {
      if (this.probe === undefined && this.clock.now() >= this.nextAt) this.begin();
      this.changed();
      this.arm();
    });
  }

  /** Waits for what comes next: a probe, or a change that time alone makes. */
  private arm(): void {
    // A listener may have left by what it was told.
    if (!this.running) return;
    this.probe?.arm(this.time);
    const changes = changesAt(this.state, this.clock.now(), this.rules);
    this.timer.set(this.probe === undefined ? Math.min(this.nextAt, changes) : changes);
  }

  private begin(): void {
    const { every, random, spread, timeout } = this.setup;
    const drawn = random();
    // What is no number from 0 to 1 must not make a loop of it.
    const shift = drawn >= 0 && drawn <= 1 ? 2 * drawn - 1 : 0;
    this.nextAt = this.clock.now() + every * (1 + spread * shift);
    const probe = new Probe(this.name, timeout, (result) => this.settled(result));
    this.probe = probe;
    probe.run(this.ask, this.time);
  }

  private settled(result: Result | undefined): void {
    this.probe = undefined;
    if (result === undefined) this.nextAt = this.clock.now();
    else this.state = afterResult(this.state, result, this.clock.now(), this.rules);
    this.changed();
    this.arm();
  }
}
