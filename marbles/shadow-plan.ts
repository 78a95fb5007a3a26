import { map, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import type { Health } from '../src/core/health.js';
import type { PolicyEvent } from '../src/operator/policy-types.js';
import type { ScenarioPolicy } from './scenario.js';

export type Place = ScenarioPolicy & MonoTypeOperatorFunction<unknown>;

/** A policy; its health were it to enforce; and its events, as the counter `events` of `told`. */
export type Watched<K extends string, P> = Readonly<Record<K, P> & Record<'would' | 'told', Place>>;

interface Observed extends ScenarioPolicy {
  readonly events$: Observable<PolicyEvent>;
}

export function watched<K extends string, P extends Observed>(key: K, policy: P): Watched<K, P> {
  const events: string[] = [];
  policy.events$.subscribe((event) => events.push(shortly(event)));
  const would$ = policy.health$.pipe(map((health): Health => ({ ...health, status: (health.details['would'] ?? health.status) as Health['status'] })));
  return {
    [key]: policy,
    would: aside(() => policy.metrics(), would$),
    told: aside(() => ({ events }), policy.health$),
  } as Watched<K, P>;
}

/** What is looked at; no call goes through it. */
function aside(metrics: () => object, health$: Observable<Health>): Place {
  return Object.assign((source: Observable<unknown>) => source, { metrics, health$ });
}

/** The type of an event and what tells it from others of its type. */
function shortly({ type, ...event }: PolicyEvent): string {
  const { reason, started, waited } = event as { reason?: string; started?: boolean; waited?: number };
  return [type, reason, started === undefined ? undefined : started ? 'started' : 'on arrival', waited].filter((part) => part !== undefined).join(' ');
}
