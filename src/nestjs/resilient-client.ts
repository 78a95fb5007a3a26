import { defer, type Observable, type ObservableInput, ReplaySubject } from 'rxjs';
import { refusal } from '../core/options.js';
import { checkProtection, type Protection } from '../pipeline/protect.js';
import { guardedPolicy } from './guarded-policy.js';
import { inFrontOf } from './in-front-of.js';

/** What is used of a `ClientProxy` of `@nestjs/microservices`, which need not be installed. */
export interface MessageClient {
  send(pattern: never, data: never): Observable<unknown>;
  emit(pattern: never, data: never): Observable<unknown>;
}

type Call = (pattern: unknown, data: unknown) => Observable<unknown>;

/**
 * A `ClientProxy` whose `send` and `emit` go through a policy. Everything else is the client's own: its class, connection,
 * status and events. A method of the client that calls `this.send` itself goes past the policy. `send` is cold: each
 * subscription is a call, each try a message. `emit` goes out at once, with or without a subscriber, and each try calls
 * the client's `emit` anew, where the observable that it gives would repeat nothing; subscribers share that one run and
 * are told how it ended, those who come later too. Unsubscribing does not stop an event.
 *
 * Both end with the deadline and the signal of the context in which they are made.
 *
 * @throws TypeError for what is no client, and for what is neither a policy nor a pipeline
 *
 * ```ts
 * { provide: 'BILLING', inject: ['BILLING_CLIENT', policyToken('billing')], useFactory: resilientClient }
 * ```
 */
export function resilientClient<C extends MessageClient>(client: C, policy: Protection): C {
  const { send, emit } = Object(client) as Partial<MessageClient>;
  if (typeof send !== 'function' || typeof emit !== 'function') {
    throw refusal('client', 'a ClientProxy', client);
  }
  const { full } = guardedPolicy(checkProtection('policy', policy));
  const calling = (method: Call, given: [unknown, unknown]): Observable<unknown> =>
    full(defer(() => method.apply(client, given) as ObservableInput<unknown>));
  const wrapperOf = (key: PropertyKey, method: Call): Call => {
    if (key === 'send') return (...given) => calling(method, given);
    // The client keeps its connection in itself, private fields included.
    if (key !== 'emit') return method.bind(client);
    return (...given) => {
      const outcome = new ReplaySubject<unknown>();
      calling(method, given).subscribe(outcome);
      return outcome.asObservable();
    };
  };
  /** As long as a method is the same, so is what stands in front of it. */
  const wrappers = new Map<PropertyKey, { readonly method: Call; readonly wrapper: Call }>();
  return new Proxy(client, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key, target);
      if (typeof method !== 'function' || key === 'constructor') return method;
      const known = wrappers.get(key);
      if (known?.method === method) return known.wrapper;
      const wrapper = inFrontOf(method as never, wrapperOf(key, method as Call) as never) as Call;
      wrappers.set(key, { method: method as Call, wrapper });
      return wrapper;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}
