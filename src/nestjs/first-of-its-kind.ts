import { defer, isObservable, NEVER, type Observable, type ObservableInput, type Subscription } from 'rxjs';
import { isPromise } from '../operator/async-input.js';
import { runInContext } from '../operator/context.js';
import { attempt } from '../operator/attempt.js';
import type { Operator } from './guarded-policy.js';

export type Returned = 'promise' | 'observable';

type Run = () => unknown;

/**
 * The first call of a method of which nobody knows what it returns. It has to run within the policy, for a promise's work
 * is begun by then; if it gives an observable, that run was not the call, and leaves the policy before a value.
 *
 * Where the policy lets nothing run at once, what comes back is both: a promise for who awaits it, and an observable for
 * who pipes or subscribes it.
 */
export function firstOfItsKind(where: string, policy: Operator, run: Run, learn: (kind: Returned) => void): unknown {
  const first = new FirstCall(where, policy, run, learn);
  return first.begin();
}

class FirstCall {
  private call: Subscription | undefined = undefined;
  private promised = false;
  private found: Observable<unknown> | undefined = undefined;
  private wrong: TypeError | undefined = undefined;
  private resolve!: (value: unknown) => void;
  private reject!: (error: unknown) => void;

  constructor(
    private readonly where: string,
    private readonly policy: Operator,
    private readonly run: Run,
    private readonly learn: (kind: Returned) => void,
  ) {}

  begin(): unknown {
    const promise = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    let last: unknown;
    this.call = this.policy(attempt(({ signal }) => runInContext({ signal }, () => this.look()))).subscribe({
      next: (value) => void (last = value),
      error: this.reject,
      complete: () => this.resolve(last),
    });
    if (this.found !== undefined) {
      this.call.unsubscribe();
      return this.found;
    }
    if (this.promised) return promise;
    // Nobody need take the promise of these.
    promise.catch(() => undefined);
    if (this.wrong !== undefined) throw this.wrong;
    return this.both(promise);
  }

  /** One try. */
  private look(): ObservableInput<unknown> {
    const made = this.run();
    if (isPromise(made)) {
      this.promised = true;
      this.learn('promise');
      return made;
    }
    if (!isObservable(made)) {
      throw (this.wrong = new TypeError(`${this.where} must return a promise or an observable, got something else`));
    }
    this.learn('observable');
    this.found = this.policy(made);
    // Begun later, it was a promise that somebody holds: of an observable, as for everybody who awaits one.
    this.call?.unsubscribe();
    this.resolve(this.found);
    return NEVER;
  }

  private both(promise: Promise<unknown>): unknown {
    const cold = this.policy(defer(() => this.run() as ObservableInput<unknown>));
    const { observable = '@@observable' } = Symbol as { readonly observable?: symbol };
    return Object.assign(promise, {
      pipe: cold.pipe.bind(cold),
      subscribe: (...given: [never]) => cold.subscribe(...given),
      [observable]: () => cold,
    });
  }
}
