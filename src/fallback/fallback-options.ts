import type { Classify } from '../core/classify.js';
import { checkFunction } from '../core/options.js';
import type { CallContext } from '../operator/context.js';
import { checkPolicyOptions } from '../operator/policy-core.js';
import type { PolicyOptions } from '../operator/policy-types.js';

/** What every fallback takes. */
export interface FallbackOptions extends PolicyOptions {
  /**
   * Whether this error is answered by the fallback. Default: the classes `transient` and `refused`, and a certificate
   * that is not valid. A fallback over a bug ships a wrong answer that no test shows, one over a 401 is a hole:
   * `() => true` is for those who mean it.
   * It is asked of a `Response` that is not `ok` as well, which by default has the class of its status.
   */
  readonly when?: ((error: unknown, context: CallContext) => boolean) | undefined;
  /** What kind of error it is, for the default of `when`. Default `classify`. */
  readonly classify?: Classify | undefined;
}

const none: readonly string[] = [];

/** The part that `update` may change. */
export const decisionNames: readonly ('when' | 'classify')[] = ['when', 'classify'];

export function checkFallbackOptions<O extends FallbackOptions>(options: O, own: readonly string[] = none): O {
  const given = checkPolicyOptions(options, own === none ? decisionNames : [...decisionNames, ...own]);
  checkDecision(given);
  return given;
}

export function checkDecision(options: FallbackOptions): void {
  for (const name of decisionNames) if (options[name] !== undefined) checkFunction(name, options[name] as () => unknown);
}
