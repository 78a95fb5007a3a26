import { asyncScheduler, defer, map, Observable, ReplaySubject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { type MarbleHelpers, marbles } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import type { Health, HealthStatus } from '../src/core/health.js';
import { combineHealth } from '../src/health/combine-health.js';
import { healthBoard } from '../src/health/health-board.js';
import { healthCheck } from '../src/health/health-check.js';
import { heartbeat } from '../src/health/heartbeat.js';
import type { BoardScenario, CheckScenario, Listener, PartMarble, WholeScenario } from './health-scenario.js';
import { down } from './scenario.js';

export const letters: Readonly<Record<string, HealthStatus>> = { u: 'up', g: 'degraded', d: 'down', '?': 'unknown' };

interface Log {
  subscribedFrame: number;
  unsubscribedFrame: number;
}

/** What a scenario is made of, once made in virtual time and once before it. */
type Played<S> = (data: S, helpers: () => MarbleHelpers, logs: Map<string, Log[]>) => (helpers: MarbleHelpers) => void;

function run<S extends { readonly title: string }>(name: string, scenarios: readonly S[], prepare: Played<S>, wanted: (data: S) => Wanted): void {
  describe(name, () => {
    describe.each(scenarios.map((data) => [data.title, data] as const))('%s', (_title, data) => {
      const played = (before: boolean): void => {
        let present: MarbleHelpers | undefined;
        const logs = new Map<string, Log[]>();
        const made = (): ((helpers: MarbleHelpers) => void) => prepare(data, () => present!, logs);
        const early = before ? made() : undefined;
        marbles((helpers) => {
          present = helpers;
          (early ?? made())(helpers);
          helpers.flush();
          for (const [key, subscriptions] of Object.entries(wanted(data))) {
            const parsed = subscriptions.map((marble) => TestScheduler.parseMarblesAsSubscriptions(marble, true)).map(frames);
            expect(logs.get(key) ?? [], `subscriptions of ${key}`).toStrictEqual(parsed);
          }
        })();
      };
      it('made in virtual time', () => played(false));
      it('made before it', () => played(true));
    });
  });
}

type Wanted = Readonly<Record<string, readonly string[]>>;

const frames = ({ subscribedFrame, unsubscribedFrame }: Log): Log => ({ subscribedFrame, unsubscribedFrame });

function logged<T>(source: Observable<T>, key: string, logs: Map<string, Log[]>): Observable<T> {
  return new Observable((subscriber) => {
    const log = { subscribedFrame: asyncScheduler.now(), unsubscribedFrame: Infinity };
    logs.set(key, [...(logs.get(key) ?? []), log]);
    subscriber.add(() => (log.unsubscribedFrame = asyncScheduler.now()));
    source.subscribe(subscriber);
  });
}

function expectLetters({ expectObservable }: MarbleHelpers, health$: Observable<Health>, { from, sees }: Listener): void {
  expectObservable(health$.pipe(map(({ status }) => status)), from).toBe(sees, letters);
}

export function runChecks(scenarios: readonly CheckScenario[]): void {
  const prepare: Played<CheckScenario> = ({ options, probes, listeners }, helpers, logs) => {
    let asked = 0;
    const check = healthCheck(
      'check',
      () => {
        const reports = Object.fromEntries(Object.entries(letters).map(([letter, status]) => [letter, { status }]));
        const source = helpers().cold(probes[Math.min(asked++, probes.length - 1)]!, reports, down);
        return logged(source, 'probe', logs);
      },
      { spread: 0, ...options },
    );
    return (present) => listeners.forEach((listener) => expectLetters(present, check, listener));
  };
  run('healthCheck', scenarios, prepare, ({ asks }) => ({ probe: asks }));
}

interface Spoken {
  readonly source: Observable<Health>;
  readonly play: (helpers: MarbleHelpers) => void;
}

function spoken(key: string, part: PartMarble, logs: Map<string, Log[]>): Spoken {
  const present = new ReplaySubject<Health>(1);
  const [marble, required] = typeof part === 'string' ? [part, true] : [part.optional, false];
  return {
    source: logged(present, key, logs),
    play: ({ hot }) => {
      const health = (letter: string): Health => ({ name: key, status: letters[letter]!, required, since: 0, details: {} });
      // What it is at the start is there before anybody asks.
      const [first = '-'] = marble;
      if (first in letters) present.next(health(first));
      hot(marble.replace(/^[^-]/, '-'), undefined, down).pipe(map(health)).subscribe(present);
    },
  };
}

export function runWholes(scenarios: readonly WholeScenario[]): void {
  const prepare: Played<WholeScenario> = ({ parts, listeners }, _helpers, logs) => {
    const all = Object.entries(parts).map(([key, part]) => [key, spoken(key, part, logs)] as const);
    const whole = combineHealth(Object.fromEntries(all.map(([key, { source }]) => [key, source])), { name: 'whole' });
    return (present) => {
      for (const [, { play }] of all) play(present);
      for (const listener of listeners) expectLetters(present, whole, listener);
    };
  };
  run('combineHealth', scenarios, prepare, ({ runs = {} }) => runs);
}

export function runBoards(scenarios: readonly BoardScenario[]): void {
  const prepare: Played<BoardScenario> = (data, _helpers, logs) => {
    const { beats, deepEvery = 20, dispose = '', drain = '', listeners } = data;
    const parts = (['startup', 'ready', 'deep'] as const).map((key) => {
      const part = data[key];
      return [key, part === undefined ? undefined : spoken(key, part, logs)] as const;
    });
    const pulse = beats === undefined ? undefined : heartbeat('loop', { within: beats.within });
    const live = pulse === undefined ? {} : { loop: pulse };
    const sources = parts.map(([key, one]) => [key, one === undefined ? {} : { part: one.source }]);
    const board = healthBoard({ live, ...Object.fromEntries(sources) as object }, { deepEvery });
    return (present) => {
      for (const [, one] of parts) one?.play(present);
      const at = (marble: string, act: () => void): void => void present.hot(marble).subscribe(act);
      at(drain, () => board.drain());
      at(dispose, () => board.dispose());
      at(beats?.marks ?? '', () => pulse!.beat());
      for (const listener of listeners) expectLetters(present, defer(() => board[`${listener.kind}$`]), listener);
    };
  };
  run('healthBoard', scenarios, prepare, ({ runs = {} }) => runs);
}
