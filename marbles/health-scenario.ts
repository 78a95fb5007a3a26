import type { HealthCheckOptions } from '../src/health/health-options.js';

/** When somebody listens (a subscription marble), and a letter for each emission, whether or not the status is another. */
export interface Listener {
  readonly from: string;
  readonly sees: string;
}

/** A check of a dependency. A frame is a millisecond, and intervals are not spread. */
export interface CheckScenario {
  /** A sentence in the present tense. */
  readonly title: string;
  readonly options: HealthCheckOptions;
  /** Cold marbles: the nth probe gets the nth of them, further ones the last. A letter is what it reports, `#` an error. */
  readonly probes: readonly string[];
  readonly listeners: readonly Listener[];
  /** When the probes were subscribed and unsubscribed. */
  readonly asks: readonly string[];
}

/** A part that replays its present letter, from its first on. `u` up, `g` degraded, `d` down, `?` unknown. */
export type PartMarble = string | { readonly optional: string };

export type PartMarbles = Readonly<Record<string, PartMarble>>;

/** Parts as one. */
export interface WholeScenario {
  readonly title: string;
  readonly parts: PartMarbles;
  readonly listeners: readonly Listener[];
  /** By part: when it was listened to. */
  readonly runs?: Readonly<Record<string, readonly string[]>>;
}

export type Kind = 'live' | 'startup' | 'ready' | 'deep';

/** A board with one part for each question. */
export interface BoardScenario {
  readonly title: string;
  readonly startup?: PartMarble;
  readonly ready?: PartMarble;
  readonly deep?: PartMarble;
  /** A heartbeat for `live`: a beat for each mark. */
  readonly beats?: { readonly within: number; readonly marks: string };
  /** A mark where it is called. */
  readonly drain?: string;
  readonly dispose?: string;
  readonly deepEvery?: number;
  readonly listeners: readonly (Listener & { readonly kind: Kind })[];
  /** By part: when it was listened to. */
  readonly runs?: Readonly<Partial<Record<'startup' | 'ready' | 'deep', readonly string[]>>>;
}
