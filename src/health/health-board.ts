import type { Observable } from 'rxjs';
import { reading } from '../core/options.js';
import type { Health } from '../core/health.js';
import { CombinedHealth } from './combined-health.js';
import { DeepHealth } from './deep-health.js';
import { GatedHealth } from './gated-health.js';
import { type BoardSetup, type HealthBoardOptions, type HealthBoardParts, readBoard } from './health-board-options.js';
import type { HealthNode, NodeSettings } from './health-node.js';
import { readOnce } from './read-once.js';
import { StartupHealth } from './startup-health.js';

export type HealthKind = 'live' | 'startup' | 'ready' | 'deep';

/**
 * What a process says of itself. The streams replay the present health synchronously, emit once for each change, never
 * error, and complete on `dispose`. What they are made of runs while somebody listens, once for all.
 */
export interface HealthBoard {
  /** Whether a restart would help: `up` until startup has passed, then as its heartbeats are. */
  readonly live$: Observable<Health>;
  /** Whether it has started. Once it was `up` or `degraded` it stays so, and its parts are not asked again. */
  readonly startup$: Observable<Health>;
  /** Whether requests should come here: `unknown` until startup has passed, `down` from `drain` on. */
  readonly ready$: Observable<Health>;
  /**
   * Everything, for people: `unknown` until startup has passed. Its parts are asked at most once for each `deepEvery`, for
   * which what they said is shown.
   */
  readonly deep$: Observable<Health>;
  /**
   * One answer, for who asks and goes: emits once and completes. It waits at most `readWithin` for required parts of
   * `ready` and for any part of `deep` that has not spoken yet. What it has started runs on until it is answered, for
   * `readWithin` at most, so that the next one finds it. Subscribe the streams as well where many ask.
   */
  read(kind: HealthKind): Observable<Health>;
  readonly isDraining: boolean;
  /**
   * Turns readiness `down` at once and for good, whatever its parts say; liveness stays. A second one does nothing.
   *
   * @param reason for the details of `ready$`
   */
  drain(reason?: string): void;
  /** Completes the four streams, and ends what they are made of. */
  dispose(): void;
}

/**
 * The four questions that are asked of a process, each answered from what may answer it.
 *
 * Liveness never depends on a dependency: only a `heartbeat` may stand in `live`. Startup gates the others: until it has
 * passed, `ready$` and `deep$` are `unknown`, and nothing of them is asked. Parts of `startup`, `ready` and `deep` are
 * streams of health or have a `health$`, and make the whole as `combineHealth` says.
 *
 * @throws TypeError for anything but a heartbeat in `live`, for a part that is no source of health, and for unknown
 * names; RangeError for options out of range
 *
 * ```ts
 * const board = healthBoard({
 *   startup: { cache: warmup('cache', fill$) },
 *   ready: { db: healthCheck('db', () => pool.query('select 1'), { required: true }), payments },
 *   live: { consumer },
 * });
 * process.once('SIGTERM', () => board.drain('SIGTERM'));
 * ```
 */
export function healthBoard(parts: HealthBoardParts, options: HealthBoardOptions = {}): HealthBoard {
  return new Board(reading('healthBoard', () => readBoard(parts, options)));
}

class Board implements HealthBoard {
  readonly live$: Observable<Health>;
  readonly startup$: Observable<Health>;
  readonly ready$: Observable<Health>;
  readonly deep$: Observable<Health>;
  private readonly nodes: Readonly<Record<HealthKind, HealthNode>>;
  private readonly ready: GatedHealth;
  private readonly asked: DeepHealth;
  private draining = false;

  constructor(private readonly setup: BoardSetup) {
    const { deepEvery } = setup;
    const named = (name: HealthKind): NodeSettings => ({ name, required: true, scheduler: setup.scheduler });
    const combined = (kind: HealthKind): CombinedHealth => new CombinedHealth(setup[kind], named(kind));
    const startup = new StartupHealth(combined('startup').health$, named('startup'));
    const live = combined('live');
    this.ready = new GatedHealth(combined('ready').health$, startup, 'unknown', named('ready'));
    this.asked = new DeepHealth(setup.deep, deepEvery, named('deep'));
    this.nodes = {
      startup,
      live: setup.live.size === 0 ? live : new GatedHealth(live.health$, startup, 'up', named('live')),
      ready: this.ready,
      deep: new GatedHealth(this.asked.health$, startup, 'unknown', named('deep')),
    };
    this.live$ = this.nodes.live.health$;
    this.startup$ = startup.health$;
    this.ready$ = this.ready.health$;
    this.deep$ = this.nodes.deep.health$;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  read(kind: HealthKind): Observable<Health> {
    const { readWithin, scheduler } = this.setup;
    const isAnswer = (health: Health): boolean => answers[kind](health) || (kind === 'deep' && this.asked.isComplete);
    return readOnce(this.nodes[kind], { isAnswer, within: readWithin, scheduler });
  }

  drain(reason?: string): void {
    if (this.draining) return;
    this.draining = true;
    this.ready.settleOn('down', { draining: true, ...(reason !== undefined && { reason }) });
  }

  dispose(): void {
    for (const node of Object.values(this.nodes)) node.dispose();
    this.asked.dispose();
  }
}

const isGated = ({ details }: Health): boolean => details['waitingFor'] === 'startup';

/** What of each kind is worth no waiting. */
const answers: Readonly<Record<HealthKind, (health: Health) => boolean>> = {
  live: () => true,
  startup: () => true,
  ready: (health) => health.status !== 'unknown' || isGated(health),
  deep: isGated,
};
