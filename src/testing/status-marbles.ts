import { distinctUntilChanged, isObservable, map, type Observable } from 'rxjs';
import type { CircuitState } from '../core/circuit-state.js';
import type { Health, HealthStatus } from '../core/health.js';
import { show } from '../core/options.js';
import type { ExpectObservable } from './expectations.js';
import { checkMarble, readMarble } from './moment.js';

/** A circuit breaker, or what has a `state$` like one, or the stream itself. */
export type StateSource = { readonly state$: Observable<CircuitState> } | Observable<CircuitState>;

/** A policy, or what else has a `health$`, or the stream itself, of health or of its status. */
export type HealthSource = { readonly health$: Observable<Health> } | Observable<Health> | Observable<HealthStatus>;

export interface StatusExpectation {
  /**
   * @param marble a letter for each change, and `|` where the stream completes
   * @throws TypeError for a letter that stands for nothing
   */
  toBe(marble: string): void;
}

const states: Readonly<Record<string, CircuitState>> = { c: 'closed', o: 'open', h: 'half-open', i: 'isolated' };
const statuses: Readonly<Record<string, HealthStatus>> = { u: 'up', g: 'degraded', d: 'down', '?': 'unknown' };

type Expect = (title: string) => ExpectObservable;

export function expectState(expect: Expect, of: StateSource, unsubscription?: string | null): StatusExpectation {
  const state$ = streamOf<CircuitState>('expectState', of, 'state$');
  return lettered('expectState', states, expect(titleOf('expectState', of))(state$, unsubscription ?? null));
}

export function expectHealth(expect: Expect, of: HealthSource, unsubscription?: string | null): StatusExpectation {
  const health$ = streamOf<Health | HealthStatus>('expectHealth', of, 'health$');
  const status$ = health$.pipe(
    map((health) => (typeof health === 'string' ? health : health.status)),
    distinctUntilChanged(),
  );
  return lettered('expectHealth', statuses, expect(titleOf('expectHealth', of))(status$, unsubscription ?? null));
}

function streamOf<T>(helper: string, of: unknown, key: 'state$' | 'health$'): Observable<T> {
  const stream = isObservable(of) ? of : (of as { readonly [name in typeof key]?: unknown } | null | undefined)?.[key];
  if (isObservable(stream)) return stream as Observable<T>;
  throw new TypeError(`${helper}: there must be something with a ${key}, or a stream, got ${show(of)}`);
}

function titleOf(helper: string, of: object): string {
  const name: unknown = (of as { readonly name?: unknown }).name;
  return typeof name === 'string' ? `${helper} of '${name}'` : helper;
}

function lettered(
  helper: string,
  known: Readonly<Record<string, string>>,
  expected: Pick<ReturnType<ExpectObservable>, 'toBe'>,
): StatusExpectation {
  const toBe = (marble: string): void => {
    for (const { notification } of readMarble(checkMarble(helper, marble, '#!'))) {
      if (notification.kind !== 'N' || Object.hasOwn(known, notification.value as string)) continue;
      const letters = Object.entries(known).map(([letter, meaning]) => `${letter} ${meaning}`);
      throw new TypeError(`${helper}: '${notification.value as string}' in ${show(marble)} is none of ${letters.join(', ')}`);
    }
    expected.toBe(marble, known, undefined, 1);
  };
  return { toBe };
}
