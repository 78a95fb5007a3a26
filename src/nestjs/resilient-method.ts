import { isObservable } from 'rxjs';
import { runInContext } from '../operator/context.js';
import { runCall } from '../pipeline/run-call.js';
import type { ApplicationPolicies } from './application-policies.js';
import { handlerKind } from './handler-kind.js';
import { firstOfItsKind, type Returned } from './first-of-its-kind.js';
import { inFrontOf } from './in-front-of.js';

/** Under which key an instance has the policies of its application. */
export const policiesKey: unique symbol = Symbol.for('rxjs-resilience/nestjs/policies') as never;

type Method = (...given: unknown[]) => unknown;

interface Instance {
  readonly [policiesKey]?: ApplicationPolicies;
}

/**
 * `method`, each call of it through the policy of that name of the application to which the instance belongs. It inherits
 * from `method`, so that metadata are found on either, whichever of the two a decorator has written them to.
 */
export function resilientMethod(policy: string, where: string, method: Method, returnType: unknown): Method {
  let isMethod: boolean | undefined;
  let returned: Returned | undefined = returnedBy(method, returnType);

  function resilient(this: unknown, ...given: unknown[]): unknown {
    const policies = (Object(this) as Instance)[policiesKey];
    const run = (): unknown => method.apply(this, given);
    // Of a handler the interceptor takes care; what Nest did not make belongs to no application.
    if (policies === undefined || !(isMethod ??= handlerKind(resilient) === 'method')) return run();
    const { full } = policies.find(policy, where);
    if (returned === 'promise') return runCall(full, ({ signal }) => runInContext({ signal }, run), {});
    if (returned === undefined) return firstOfItsKind(where, full, run, (learnt) => void (returned = learnt));
    const made = run();
    if (isObservable(made)) return full(made);
    throw new TypeError(`${where} must return an observable, as it has done or says that it does`);
  }

  return inFrontOf(method, resilient);
}

/** What is known of it without a call. */
function returnedBy(method: Method, returnType: unknown): Returned | undefined {
  if (returnType === Promise || Object.prototype.toString.call(method) === '[object AsyncFunction]') return 'promise';
  const { prototype } = Object(returnType) as { prototype?: unknown };
  return isObservable(prototype) ? 'observable' : undefined;
}
