import { type SchedulerLike, Subscription } from 'rxjs';
import type { Health } from '../core/health.js';
import type { Policy } from '../operator/policy-types.js';
import { policyKey } from '../registry/policies-behind.js';
import type { PolicyRegistry } from '../registry/registry-types.js';
import { LatencyBuckets } from './latency-buckets.js';
import { PoliciesFeed } from './policies-feed.js';
import { policyView } from './policies-view.js';
import { TransitionFeed } from './transition-feed.js';

/** Milliseconds for which calls without a duration may have begun before anybody measured. */
const unsure = 10_000;

/** What the stream knows of a registry while somebody is connected: one look for all of them. */
export class StreamState {
  readonly feed: PoliciesFeed;
  readonly transitions: TransitionFeed;
  private readonly subscription: Subscription = new Subscription();
  private policies: readonly Policy[] = [];
  /** Of all; its parts are read once for each look. */
  private health: Health | undefined = undefined;
  private readonly latencies: Map<string, LatencyBuckets> = new Map();
  private readonly began: number;

  constructor(
    registry: PolicyRegistry | undefined,
    instance: string,
    control: boolean,
    private readonly scheduler: SchedulerLike,
  ) {
    this.began = scheduler.now();
    this.feed = new PoliciesFeed(control);
    this.transitions = new TransitionFeed(instance, registry?.history() ?? []);
    try {
      if (registry !== undefined) this.listen(registry);
      this.look();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Once a second: what is new with the policies. */
  look(): void {
    const healths = this.health?.components ?? {};
    const views = this.policies.map((policy) => {
      const key = policyKey(policy.kind, policy.name);
      return policyView(policy, healths[key], this.latencies.get(key)?.take());
    });
    this.feed.look(views, this.scheduler.now());
  }

  dispose(): void {
    this.subscription.unsubscribe();
  }

  private listen(registry: PolicyRegistry): void {
    const { subscription } = this;
    subscription.add(registry.transitions$.subscribe((transition) => this.transitions.add(transition)));
    subscription.add(registry.policies$.subscribe((policies) => this.take(policies)));
    // Observed, an open circuit is half-open when its time is over, and says so.
    subscription.add(registry.health$.subscribe((health) => (this.health = health)));
    subscription.add(
      registry.events$.subscribe((event) => {
        const { duration } = event as { duration?: unknown };
        if (typeof duration === 'number') this.measure(policyKey(event.kind, event.policy), duration);
      }),
    );
  }

  private take(policies: readonly Policy[]): void {
    this.policies = policies;
    const keys = new Set(policies.map(({ kind, name }) => policyKey(kind, name)));
    for (const key of this.latencies.keys()) if (!keys.has(key)) this.latencies.delete(key);
  }

  private measure(key: string, duration: number): void {
    if (duration === 0 && this.scheduler.now() - this.began < unsure) return;
    let buckets = this.latencies.get(key);
    if (buckets === undefined) this.latencies.set(key, (buckets = new LatencyBuckets()));
    buckets.add(duration);
  }
}
