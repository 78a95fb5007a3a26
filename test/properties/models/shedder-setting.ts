import type { PolicyMode } from '../../../src/operator/policy-types.js';

/** What can be done to a shedder and to the policy of each rank. */
export type ShedderSetting =
  /** What the next sample makes of the limit. */
  | { readonly limit: number }
  | { readonly signal: 0 | 1; readonly load: number }
  | { readonly reset: number }
  | { readonly rank: number; readonly mode: PolicyMode };

export interface ShedderSetup {
  readonly limit: number;
  /** Whether samples can move the limit. */
  readonly adapts: boolean;
  readonly size: number;
  /** Milliseconds that a call may wait for. */
  readonly timeout: number;
  /** Per cent of the limit, by rank. */
  readonly shares: readonly number[];
  /** Utilisations, by rank. */
  readonly ceilings: readonly number[];
}
