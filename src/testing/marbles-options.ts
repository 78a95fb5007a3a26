import type { RunHelpers } from 'rxjs/testing';
import { checkBoolean, checkInteger, checkKeys } from '../core/options.js';
import type { calls } from './calls.js';
import type { brownout, flaky, hang, outage, slow } from './sources.js';
import type { HealthSource, StateSource, StatusExpectation } from './status-marbles.js';

export interface MarblesOptions {
  /** The test leaves calls behind on purpose, and their permits and places in queues. Default false. */
  readonly unfinished?: boolean | undefined;
  /**
   * So many timers and marbles may be scheduled before virtual time counts as endless: a poll, or a retry without a
   * limit, would never let the test end. Default 100,000; from 1.
   */
  readonly maxSteps?: number | undefined;
}

/** What the body of `marbles` gets: everything that `TestScheduler.run` gives, and more. */
export interface MarbleHelpers extends RunHelpers {
  /**
   * Many calls as one picture. For each mark of `marble`, counted from the subscription of the result, it subscribes
   * what `make(mark, index)` returns. It emits every value, and every error as a value; it completes when the marble
   * has completed and all calls have ended. Unsubscribing it leaves all calls. What `make` throws is its error.
   */
  readonly calls: typeof calls;
  /** See `outage`, also exported on its own. */
  readonly outage: typeof outage;
  /** See `flaky`, also exported on its own. */
  readonly flaky: typeof flaky;
  /** See `slow`, also exported on its own. */
  readonly slow: typeof slow;
  /** See `hang`, also exported on its own. */
  readonly hang: typeof hang;
  /** See `brownout`, also exported on its own. */
  readonly brownout: typeof brownout;
  /**
   * Expects the states of a circuit: `c` closed, `o` open, `h` half-open, `i` isolated. `unsubscription` is a
   * subscription marble as `expectObservable` takes it; without one it is observed to the end of the test.
   *
   * @throws TypeError for what has no `state$`, and for other letters
   */
  readonly expectState: (of: StateSource, unsubscription?: string | null) => StatusExpectation;
  /**
   * Expects the health of a policy: `u` up, `g` degraded, `d` down, `?` unknown. Changes of the details alone are not
   * shown.
   *
   * @throws TypeError for what has no `health$`, and for other letters
   */
  readonly expectHealth: (of: HealthSource, unsubscription?: string | null) => StatusExpectation;
}

/** Checks the options, and fills in what is left out. */
export function readMarblesOptions(options: MarblesOptions): { readonly unfinished: boolean; readonly maxSteps: number } {
  checkKeys('marbles: options', options, ['unfinished', 'maxSteps']);
  const { unfinished = false, maxSteps = 100_000 } = options;
  return { unfinished: checkBoolean('unfinished', unfinished), maxSteps: checkInteger('maxSteps', maxSteps, 1) };
}
