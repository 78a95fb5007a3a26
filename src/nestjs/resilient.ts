import { Inject, UseInterceptors } from '@nestjs/common';
import { checkName, show } from '../core/options.js';
import { hasOwnMark, markClass, markMethod, policyOf } from './marks.js';
import { ControllerInterceptor, HandlerInterceptor } from './resilience-interceptor.js';
import { policiesKey, resilientMethod } from './resilient-method.js';
import { APPLICATION_POLICIES } from './tokens.js';

/**
 * Protects by the policy of that name in `ResilienceModule`.
 *
 * On a controller or a GraphQL resolver: an interceptor for every route, message handler, query and mutation; one that has
 * its own `@Resilient` has only that. On a handler: an interceptor for it. A route is tried again only where its method
 * is safe (`GET`, `HEAD`, `OPTIONS`, `TRACE`) and Nest writes its response, a GraphQL operation where it is a query,
 * others never. A `HttpException` 4xx is an answer of the handler and no failure.
 *
 * On a method of a provider that returns a promise or an observable: each call goes through the policy, retries included.
 * A method with a promise is called anew for each try, not at all where it is refused, and then rejects. What a method with
 * an observable has returned is subscribed anew for each try. `async` methods and those whose type the compiler has left
 * behind (`emitDecoratorMetadata`) are known beforehand, others from their first call. Subclasses inherit the protection
 * until they replace the method. Request-scoped and transient providers are protected alike; an instance that Nest did not
 * make, and does not know as a provider, is not.
 *
 * The call ends with the deadline and the signal of the request: with a `DeadlineExceededError`, or an `AbortError`. For a
 * stream of `@Sse` the deadline ends with the first event.
 * `currentContext()` in a handler or method has the deadline, the number of the try, and a signal that aborts when the
 * try is cut.
 *
 * The start rejects where the policy is unknown, where the class is neither a controller nor a resolver, and where the
 * handler is one of a gateway, a subscription or a field of a resolver.
 *
 * @throws TypeError for a name that is no string or empty, on a static method, an accessor or a property, on a generator,
 * and where there is a second one
 *
 * ```ts
 * @Resilient('payments')
 * charge(order: Order): Promise<Receipt> { … }
 * ```
 */
export function Resilient(policy: string): ClassDecorator & MethodDecorator {
  checkName('policy', policy);
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (key === undefined) return onClass(policy, target);
    if (typeof key === 'object') throw new TypeError('@Resilient: Nest needs experimentalDecorators in tsconfig.json');
    const where = `@Resilient(${show(policy)}) on ${placeOf(target, key)}`;
    onMethod(policy, target, key, checkMethod(where, target, descriptor));
  };
}

const twice = 'there is one already; a pipeline combines policies';

function onClass(policy: string, target: object): void {
  if (hasOwnMark(target)) throw new TypeError(`@Resilient(${show(policy)}) on ${nameOf(target)}: ${twice}`);
  markClass(target, policy);
  UseInterceptors(ControllerInterceptor)(target as never);
}

interface MethodDescriptor extends PropertyDescriptor {
  value: (...given: unknown[]) => unknown;
}

function onMethod(policy: string, prototype: object, key: string | symbol, descriptor: MethodDescriptor): void {
  const returnType: unknown = Reflect.getMetadata('design:returntype', prototype, key);
  const method = resilientMethod(policy, placeOf(prototype, key), descriptor.value, returnType);
  descriptor.value = method;
  markMethod(prototype, key, method, policy);
  UseInterceptors(HandlerInterceptor)(prototype, key, descriptor);
  // Whoever makes an instance, for whichever request, gives it the policies of its application.
  Inject(APPLICATION_POLICIES)(prototype, policiesKey);
}

function checkMethod(where: string, target: object, descriptor: PropertyDescriptor | undefined): MethodDescriptor {
  const value: unknown = descriptor?.value;
  if (typeof target === 'function') throw new TypeError(`${where}: a static method belongs to no application`);
  if (typeof value !== 'function') throw new TypeError(`${where}: it must be a method, not a property or an accessor`);
  if (/Generator/.test(Object.prototype.toString.call(value))) {
    throw new TypeError(`${where}: it must return a promise or an observable, not a generator`);
  }
  if (policyOf(value) !== undefined) throw new TypeError(`${where}: ${twice}`);
  return descriptor as MethodDescriptor;
}

/** `PaymentsService.charge`, for messages. */
function placeOf(target: object, key: string | symbol): string {
  return `${nameOf(typeof target === 'function' ? target : target.constructor)}.${String(key)}`;
}

function nameOf(type: object): string {
  return (type as { readonly name?: string }).name || 'a class';
}
