import type { Observable } from 'rxjs';
import { show } from '../core/options.js';
import { withDeadline } from '../deadline/with-deadline.js';
import { coreOf } from '../operator/policy.js';
import { limited } from '../operator/limited.js';
import { isPipeline } from '../pipeline/part-options.js';
import type { Protection } from '../pipeline/protect.js';

export type Operator = <T>(source: Observable<T>) => Observable<T>;

/** A policy as the adapter runs it. */
export interface GuardedPolicy {
  readonly policy: Protection;
  /** The policy; outside of it the call ends with the deadline and the signal of the context, whatever the policy is. */
  readonly full: Operator;
  /** The same for what may not be done twice. */
  readonly once: Operator;
}

export function isProtection(value: unknown): value is Protection {
  return coreOf(value) !== undefined || isPipeline(value);
}

/** Refuses what is neither a policy nor a pipeline. */
export function checkPolicy(option: string, value: unknown): Protection {
  if (isProtection(value)) return value;
  throw new TypeError(`${option} must be a policy or a pipeline, got ${show(value)}`);
}

export function guardedPolicy(policy: Protection): GuardedPolicy {
  const ambient = withDeadline();
  const full: Operator = (source) => ambient((policy as unknown as Operator)(source));
  // A fallback of the policy is of a type that the caller answers for.
  return { policy, full, once: limited(full, { maxRetries: 0 }) as Operator };
}
