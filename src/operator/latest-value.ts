import { type Observable, Subscription } from 'rxjs';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from './async-resource.js';
import { inRootContext } from './shared.js';

/**
 * A figure that comes from outside (a limit, a utilisation): subscribed with the first call and never before, so that a
 * policy nobody uses runs nothing, until `stop`. It belongs to no call: its source runs in the root context and in the
 * asynchronous scope in which the policy was made. Its error or completion keeps the last value.
 *
 * The source may live as long as the process. It does not keep a policy that was dropped: the next value ends that.
 */
export class LatestValue {
  private subscription: Subscription | undefined = undefined;
  private readonly scope: AsyncScope = captureAsyncScope();

  constructor(
    private readonly source: Observable<number>,
    readonly take: (value: number) => void,
  ) {}

  /** Does nothing after the first time, and nothing after `stop`. */
  start(): void {
    if (this.subscription !== undefined) return;
    const subscription = (this.subscription = new Subscription());
    runInAsyncScope(this.scope, () => inRootContext(() => subscription.add(followed(this.source, subscription, new WeakRef(this))), undefined));
  }

  stop(): void {
    (this.subscription ??= new Subscription()).unsubscribe();
  }
}

/** Outside of the class, so that what the source holds does not hold `this`. */
function followed(source: Observable<number>, subscription: Subscription, follower: WeakRef<LatestValue>): Subscription {
  return source.subscribe({
    next: (value) => {
      if (subscription.closed) return;
      const present = follower.deref();
      if (present === undefined) subscription.unsubscribe();
      else present.take(value);
    },
    error: () => undefined,
  });
}
