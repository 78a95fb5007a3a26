import type { Subscription } from 'rxjs';
import { type HealthStatus, worstOf } from '../core/health.js';
import type { Policy } from '../operator/policy-types.js';
import { presentOf } from '../operator/published.js';
import { definitions, type MetricDefinition } from './metric-definitions.js';
import { listenTo } from './metric-events.js';
import { type Member, MetricGroup, type Sample } from './metric-group.js';
import { Causes, labelOf, PolicyLabels } from './metric-labels.js';
import { policyKey } from '../registry/policies-behind.js';
import type { PolicyRegistry } from '../registry/registry-types.js';

/** Different causes of retries; the rest are `other`. */
const mostCauses = 20;

interface Entry {
  readonly group: MetricGroup;
  readonly member: Member;
  readonly events: Subscription;
}

/** Who keeps what is not read but told as it happens: one series of a histogram. */
export interface DurationSeries {
  /** A call took or waited so many seconds. */
  took(seconds: number): void;
  /** Its policies have gone. */
  remove(): void;
}

/** `unknown` is no number, and what is no number is shown by no adapter. */
const ofStatus: Readonly<Record<HealthStatus, number>> = { up: 1, degraded: 0.5, down: 0, unknown: NaN };

/** What a metrics system shows of a registry: its policies come and go, and are read when somebody asks. */
export class MetricBook {
  private readonly entries: Map<Policy, Entry> = new Map();
  private readonly groups: Map<string, MetricGroup> = new Map();
  private readonly series: Map<MetricGroup, DurationSeries> = new Map();
  private readonly labels: PolicyLabels;
  private readonly causes: Causes = new Causes(mostCauses);
  private present: readonly Policy[] = [];
  private subscription: Subscription | undefined = undefined;

  constructor(
    private readonly registry: PolicyRegistry,
    maxPolicies: number,
    /** For the policies that share a label; undefined where they have none. */
    private readonly seriesOf: (group: MetricGroup) => DurationSeries | undefined,
  ) {
    this.labels = new PolicyLabels(maxPolicies);
  }

  /** `ended`: the registry is disposed. */
  open(ended: () => void): void {
    const { registry } = this;
    this.subscription = registry.transitions$.subscribe(({ event }) => {
      if (event.type !== 'reset') return;
      // It counts from 0 again, and may be past where it was before somebody asks.
      this.entries.get(registry.get(event.policy, event.kind)!)?.member.read.clear();
    });
    this.subscription.add(registry.policies$.subscribe({ next: (policies) => this.follow(policies), complete: ended }));
  }

  close(): void {
    this.subscription?.unsubscribe();
    this.follow([]);
  }

  *samples(definition: MetricDefinition): Iterable<Sample> {
    for (const group of this.groups.values()) yield* group.samples(definition);
  }

  *retries(): Iterable<Sample> {
    for (const group of this.groups.values()) yield* group.retries;
  }

  *health(): Iterable<Sample> {
    const { name, status, components } = presentOf(this.registry.health$);
    yield { labels: { name: labelOf(name), kind: 'registry' }, value: ofStatus[status] };
    for (const { label, kind, members } of this.groups.values()) {
      // One that is leaving at this moment is no component any more.
      const statuses = Array.from(members, ({ policy }) => components![policyKey(kind, policy.name)]?.status ?? 'unknown');
      yield { labels: { name: label, kind }, value: ofStatus[worstOf(statuses)] };
    }
  }

  /** Nearly always one has come or one has gone: what is the same at both ends is passed over. */
  private follow(policies: readonly Policy[]): void {
    const before = this.present;
    this.present = policies;
    // They stand in the order in which they came: where the last one stands where it stood, none before it has gone.
    const last = before.length - 1;
    let from = last >= 0 && before[last] === policies[last] ? before.length : 0;
    while (from < before.length && before[from] === policies[from]) from++;
    let same = 0;
    const most = Math.min(before.length, policies.length) - from;
    while (same < most && before[before.length - 1 - same] === policies[policies.length - 1 - same]) same++;
    const now = new Set(policies.slice(from, policies.length - same));
    for (const policy of before.slice(from, before.length - same)) if (!now.has(policy)) this.remove(policy);
    for (const policy of now) if (!this.entries.has(policy)) this.add(policy);
  }

  private add(policy: Policy): void {
    const { kind, name } = policy;
    const label = this.labels.take(name);
    const key = `${kind}:${label}`;
    const known = this.groups.get(key);
    const group = known ?? new MetricGroup(label, kind);
    if (known === undefined) this.begin(key, group);
    const member: Member = { policy, read: new Map() };
    group.members.add(member);
    const series = this.series.get(group);
    const took = (seconds: number): void => {
      if (Number.isFinite(seconds)) series!.took(seconds);
    };
    this.entries.set(policy, { group, member, events: listenTo(policy, group, this.causes, series && took) });
  }

  private begin(key: string, group: MetricGroup): void {
    this.groups.set(key, group);
    const series = this.seriesOf(group);
    if (series !== undefined) this.series.set(group, series);
  }

  private remove(policy: Policy): void {
    const { events, group, member } = this.entries.get(policy)!;
    events.unsubscribe();
    this.entries.delete(policy);
    this.labels.giveBack(group.label);
    group.leave(member, definitions);
    if (group.members.size > 0) return;
    this.groups.delete(`${group.kind}:${group.label}`);
    this.series.get(group)?.remove();
    this.series.delete(group);
  }
}
