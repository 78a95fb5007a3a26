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
  readonly components?: Readonly<Record<string, Health>>;
}
