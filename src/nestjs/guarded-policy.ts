import type { Observable } from 'rxjs';
import { withDeadline } from '../deadline/with-deadline.js';
import { limited } from '../operator/limited.js';
import type { Policy } from '../operator/policy-types.js';
import type { Protection } from '../pipeline/protect.js';
import { policiesBehind } from '../registry/policies-behind.js';

export type Operator = <T>(source: Observable<T>) => Observable<T>;

/** A policy as the adapter runs it. */
export interface GuardedPolicy {
  readonly policy: Protection;
  /** The policy; outside of it the call ends with the deadline and the signal of the context, whatever the policy is. */
  readonly full: Operator;
  /** The same for what may not be done twice. */
  readonly once: Operator;
  /** For a stream that may last longer than the request had time: the deadline of the context ends with its first value. */
  readonly stream: Operator;
  /** Something may answer in the place of a call that has failed. */
  readonly hasFallback: boolean;
}

export function guardedPolicy(policy: Protection): GuardedPolicy {
  const ambient = withDeadline();
  const hasFallback = policiesBehind(policy).some((part) => (part as Policy).kind === 'fallback');
  const full: Operator = (source) => ambient((policy as unknown as Operator)(source));
  const ambientToFirst = withDeadline({ until: 'firstValue' });
  const stream: Operator = (source) => ambientToFirst((policy as unknown as Operator)(source));
  const noRetry = { maxRetries: 0 };
  // A fallback of the policy is of a type that the caller answers for.
  return { policy, full, once: limited(full, noRetry) as Operator, stream: limited(stream, noRetry) as Operator, hasFallback };
}
