import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { catchError, type Observable, throwError } from 'rxjs';
import { isSafe } from '../http/methods.js';
import { currentContext } from '../operator/context.js';
import type { ApplicationPolicies } from './application-policies.js';
import { eachTry } from './each-try.js';
import { asAnswer, asShown } from './handler-errors.js';
import { handlerKind, isEventStream, writesResponse } from './handler-kind.js';
import { injectable } from './injectable.js';
import { policyOf } from './marks.js';
import { APPLICATION_POLICIES } from './tokens.js';

/** Runs handlers through the policy with which `@Resilient` has marked them. */
abstract class ResilienceInterceptor implements NestInterceptor {
  constructor(private readonly policies: ApplicationPolicies) {}

  protected abstract policyFor(context: ExecutionContext): string | undefined;

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const name = this.policyFor(context);
    if (name === undefined) return next.handle();
    const guarded = this.policies.find(name, `${context.getClass().name}.${context.getHandler().name}`);
    const policy = isEventStream(context.getHandler()) ? guarded.stream : mayRepeat(context) ? guarded.full : guarded.once;
    const { signal } = currentContext();
    const source = eachTry(() => next.handle()).pipe(catchError((error) => throwError(() => asAnswer(error))));
    return policy(source).pipe(catchError((error) => throwError(() => asShown(error, signal))));
  }
}

/** For a handler with a mark of its own. */
export class HandlerInterceptor extends ResilienceInterceptor {
  protected policyFor(context: ExecutionContext): string | undefined {
    return policyOf(context.getHandler());
  }
}

/** For those of a marked class that have none. */
export class ControllerInterceptor extends ResilienceInterceptor {
  protected policyFor(context: ExecutionContext): string | undefined {
    const handler = context.getHandler();
    const kind = handlerKind(handler);
    const own = policyOf(handler) !== undefined || kind === 'field' || kind === 'subscription';
    return own ? undefined : policyOf(context.getClass());
  }
}

injectable(HandlerInterceptor, [APPLICATION_POLICIES]);
injectable(ControllerInterceptor, [APPLICATION_POLICIES]);

/** Whether a handler may run twice for one request: it changes nothing, and nothing of a response is out. */
function mayRepeat(context: ExecutionContext): boolean {
  const type = context.getType<string>();
  if (type === 'graphql') {
    const info = context.getArgByIndex<{ operation?: { operation?: unknown } } | undefined>(3);
    return info?.operation?.operation === 'query';
  }
  if (type !== 'http') return false;
  const { method } = context.switchToHttp().getRequest<{ readonly method: string }>();
  return isSafe(method) && !writesResponse(context.getClass(), context.getHandler());
}
