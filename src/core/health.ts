export type HealthStatus = 'up' | 'degraded' | 'down' | 'unknown';

/** What a part of the system says of itself; what that means to the whole is decided where parts are combined. */
export interface Health {
  readonly name: string;
  /** Of the thing itself. */
  readonly status: HealthStatus;
  /** Whether the whole is down without it; a part that is not required makes the whole at most degraded. */
  readonly required: boolean;
  /**
   * `scheduler.now()` of the last change of `status`: epoch milliseconds in real time. Of a deadline or a fallback that
   * has never changed, when somebody first looked.
   */
  readonly since: number;
  /** Figures and states, never the text of an error. */
  readonly details: Readonly<Record<string, unknown>>;
  /** For code and logs. */
  readonly error?: unknown;
  readonly components?: Readonly<Record<string, Health>> | undefined;
}

const fromBest: readonly HealthStatus[] = ['up', 'degraded', 'unknown', 'down'];

/** The worst of them; `up` where there is none. */
export function worstOf(statuses: Iterable<HealthStatus>): HealthStatus {
  let worst = 0;
  for (const status of statuses) worst = Math.max(worst, fromBest.indexOf(status));
  return fromBest[worst]!;
}

/** What a part makes of the whole: one that is not required at most degraded, and nothing while it is unknown. */
export function shareOf({ required, status }: Health): HealthStatus {
  if (required || status === 'up') return status;
  return status === 'unknown' ? 'up' : 'degraded';
}

/** Whether nothing has changed that is worth telling. */
export function sameHealth(a: Health, b: Health): boolean {
  return sameFacts(a, b) && sameEntries(a.components, b.components);
}

/** The same of two healths whose components are compared elsewhere. */
export function sameFacts(a: Health, b: Health): boolean {
  return a.status === b.status && a.required === b.required && a.error === b.error && sameEntries(a.details, b.details);
}

type Entries = Readonly<Record<string, unknown>> | undefined;

export function sameEntries(a: Entries, b: Entries): boolean {
  if (a === undefined || b === undefined) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.is(a[key], b[key]));
}
