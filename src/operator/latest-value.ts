import { type Observable, Subscription } from 'rxjs';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from './async-resource.js';
import { inRootContext } from './shared.js';

/**
 * A figure that comes from outside (a limit, a utilisation): subscribed with the first call and never before, so that a
 * policy nobody uses runs nothing, until `stop`. It belongs to no call: its source runs in the root context and in the
 * asynchronous scope in which the policy was made. Its error or completion keeps the last value.
 */
export class LatestValue {
  private subscription: Subscription | undefined = undefined;
  private readonly scope: AsyncScope = captureAsyncScope();

  constructor(
    private readonly source: Observable<number>,
    private readonly take: (value: number) => void,
  ) {}

  /** Does nothing after the first time, and nothing after `stop`. */
  start(): void {
    if (this.subscription !== undefined) return;
    const subscription = (this.subscription = new Subscription());
    const connect = (): void => {
      subscription.add(
        this.source.subscribe({
          next: (value) => {
            if (!subscription.closed) this.take(value);
          },
          error: () => undefined,
        }),
      );
    };
    runInAsyncScope(this.scope, () => inRootContext(connect, undefined));
  }

  stop(): void {
    (this.subscription ??= new Subscription()).unsubscribe();
  }
}
