import { defer, type Observable, type ObservableInput, ReplaySubject } from 'rxjs';
import { refusal } from '../core/options.js';
import { checkProtection, type Protection } from '../pipeline/protect.js';
import { guardedPolicy } from './guarded-policy.js';

/** What is used of a `ClientProxy` of `@nestjs/microservices`, which need not be installed. */
export interface MessageClient {
  send(pattern: never, data: never): Observable<unknown>;
  emit(pattern: never, data: never): Observable<unknown>;
}

type Call = (pattern: unknown, data: unknown) => Observable<unknown>;

/**
 * A `ClientProxy` whose messages and events go through a policy; everything else is the client's own. `send` is cold: each
 * subscription is a call, each try a message. `emit` goes out at once, with or without a subscriber, and each try calls
 * the client's `emit` anew, where the observable that it gives would repeat nothing; subscribers share that one run and
 * are told how it ended, those who come later too. Unsubscribing does not stop an event.
 *
 * Both end with the deadline and the signal of the context in which they are made.
 *
 * @throws TypeError for what is no client, and for what is neither a policy nor a pipeline
 *
 * ```ts
 * { provide: 'BILLING', inject: [BillingClient, policyToken('billing')], useFactory: resilientClient }
 * ```
 */
export function resilientClient<C extends MessageClient>(client: C, policy: Protection): C {
  const { send, emit } = Object(client) as Partial<MessageClient>;
  if (typeof send !== 'function' || typeof emit !== 'function') {
    throw refusal('client', 'a ClientProxy', client);
  }
  const { full } = guardedPolicy(checkProtection('policy', policy));
  const calling = (method: unknown, given: [unknown, unknown]): Observable<unknown> =>
    full(defer(() => (method as Call).apply(client, given) as ObservableInput<unknown>));
  const own: Partial<Record<PropertyKey, Call>> = {
    send: (...given) => calling(client.send, given),
    emit: (...given) => {
      const outcome = new ReplaySubject<unknown>();
      calling(client.emit, given).subscribe(outcome);
      return outcome.asObservable();
    },
  };
  return new Proxy(client, {
    get(target, key) {
      if (own[key] !== undefined) return own[key];
      const value: unknown = Reflect.get(target, key, target);
      // The client keeps its connection in itself, private fields included.
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}
