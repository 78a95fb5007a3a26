import { asyncScheduler, type Observable, type SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';
import { checkKeys, checkNumber, named, show } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';
import { type HealthParts, healthsOf } from './health-source.js';
import { type Heartbeat, isHeartbeat } from './heartbeat.js';

/** What each of the four is made of. Without parts it is up. */
export interface HealthBoardParts {
  /** What has to be done before the process can serve: `warmup`, mostly. Default none. */
  readonly startup?: HealthParts | undefined;
  /** What has to be well for requests to come here. Default none. */
  readonly ready?: HealthParts | undefined;
  /** What a restart repairs: loops of the process's own. Default none. */
  readonly live?: Readonly<Record<string, Heartbeat>> | undefined;
  /** Whatever somebody who looks for a fault wants to know. Default none. */
  readonly deep?: HealthParts | undefined;
}

export interface HealthBoardOptions {
  /** Milliseconds for which a deep reading stands, at least 1. Default 10,000. */
  readonly deepEvery?: number | undefined;
  /** Milliseconds for which `read` waits for parts that have not spoken yet, at least 0. Default 5,000. */
  readonly readWithin?: number | undefined;
  /** Clock and timers. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

type Streams = ReadonlyMap<string, Observable<Health>>;

/** What the board was given, checked. */
export interface BoardSetup {
  readonly startup: Streams;
  readonly ready: Streams;
  readonly live: Streams;
  readonly deep: Streams;
  readonly deepEvery: number;
  readonly readWithin: number;
  readonly scheduler: SchedulerLike;
}

export function readBoard(parts: HealthBoardParts, options: HealthBoardOptions): BoardSetup {
  const { startup = {}, ready = {}, live = {}, deep = {} } = checkKeys('parts', parts, ['startup', 'ready', 'live', 'deep']);
  const given = checkKeys('options', options, ['deepEvery', 'readWithin', 'scheduler']);
  const { deepEvery = 10_000, readWithin = 5_000, scheduler = asyncScheduler } = given;
  checkNumber('deepEvery', deepEvery, 1);
  checkNumber('readWithin', readWithin, 0);
  checkScheduler(scheduler);
  checkLive(live);
  return {
    startup: healthsOf('startup', startup),
    ready: healthsOf('ready', ready),
    live: healthsOf('live', live),
    deep: healthsOf('deep', deep),
    ...{ deepEvery, readWithin, scheduler },
  };
}

function checkLive(live: NonNullable<HealthBoardParts['live']>): void {
  for (const [key, part] of Object.entries(live ?? {})) {
    if (isHeartbeat(part)) continue;
    throw new TypeError(
      `${named(`live.${key}`)} must be a heartbeat, got ${show(part)}: a failing liveness restarts the process, and a restart repairs no dependency. ` +
        'Every instance that shares it would be restarted at once, and come back at once when it does. ' +
        'What requests need belongs in ready; a loop of the process itself is told of by heartbeat(name, { within })',
    );
  }
}
