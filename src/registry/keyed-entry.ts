import type { Subscription } from 'rxjs';
import type { HealthStatus } from '../core/health.js';
import type { Policy } from '../operator/policy-types.js';
import type { KeyedLine } from './keyed-line.js';
import type { KeyedPolicy } from './keyed-types.js';

/** What a part may say of what goes on in it. */
type Part = Policy & { readonly state?: unknown; readonly active?: unknown };

/** The policy of one key, and where it stands. */
export class KeyedEntry<P extends KeyedPolicy = KeyedPolicy> {
  /** Calls in flight. */
  active = 0;
  /** The clock, and a number that only grows, when the last call had ended. */
  idleSince = 0;
  used = 0;
  /** Some breaker of it is not closed, as far as has been told. */
  open = false;
  /** It has left: no call comes any more. */
  gone = false;
  /** While no call is in flight: the line in which it stands, and its neighbours there. */
  older: KeyedEntry<P> | undefined = undefined;
  newer: KeyedEntry<P> | undefined = undefined;
  line: KeyedLine<P> | undefined = undefined;
  unwatch: readonly (() => void)[] = [];
  /** While somebody listens to the events, or the health, of all. */
  events: Subscription | undefined = undefined;
  health: Subscription | undefined = undefined;
  status: HealthStatus | undefined = undefined;
  since = 0;

  constructor(
    readonly key: string,
    readonly policy: P,
    readonly parts: readonly Part[],
  ) {}

  /** Asks each breaker, for time may have moved it on. */
  isOpen(): boolean {
    for (const { state } of this.parts) if (state !== undefined && state !== 'closed') return true;
    return false;
  }

  /** No breaker of it refuses: it is closed, or half-open, which lasts for as long as nobody calls. */
  isWaiting(): boolean {
    for (const { state } of this.parts) if (state !== undefined && state !== 'closed' && state !== 'half-open') return false;
    return true;
  }

  /** Work that runs on though its call has ended: a deadline has detached it, or it has come past us. */
  isBusy(): boolean {
    for (const { active } of this.parts) if (typeof active === 'number' && active > 0) return true;
    return false;
  }
}
