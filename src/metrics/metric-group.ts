import type { Policy, PolicyKind, PolicyMetrics } from '../operator/policy-types.js';
import type { Figures, Level, MetricDefinition } from './metric-definitions.js';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A policy, and how far each counter of it has been read. */
export interface Member {
  readonly policy: Policy;
  readonly read: Map<MetricDefinition, Figures>;
}

/** The policies of one kind that share a label: one, but for those with too long a name and the `other` ones. */
export class MetricGroup {
  readonly members: Set<Member> = new Set();
  /** What was counted, of those who have left as well: a counter must not go down while its series is there. */
  private readonly totals: Map<MetricDefinition, Record<string, number>> = new Map();
  private readonly tried: Map<string, { readonly labels: Labels; value: number }> = new Map();

  constructor(
    readonly label: string,
    readonly kind: PolicyKind,
  ) {}

  samples(definition: MetricDefinition): readonly Sample[] {
    if (definition.read[this.kind] === undefined) return [];
    const { labels, type } = definition;
    const figures = type === 'counter' ? this.counted(definition) : this.levels(definition, joined[type]);
    const own = labels.find((label) => label !== 'kind');
    const common = { policy: this.label, ...(labels.includes('kind') && { kind: this.kind }) };
    return Object.entries(figures).map(([key, value]) => {
      return { labels: own === undefined ? common : { ...common, [own]: key }, value };
    });
  }

  get retries(): Iterable<Sample> {
    return this.tried.values();
  }

  noteRetry(own: Labels): void {
    const key = Object.values(own).join();
    const series = this.tried.get(key);
    if (series === undefined) this.tried.set(key, { labels: { policy: this.label, ...own }, value: 1 });
    else series.value++;
  }

  /** Those who stay keep what it has counted. */
  leave(member: Member, definitions: readonly MetricDefinition[]): void {
    for (const definition of definitions) if (definition.type === 'counter') this.advance(definition, member);
    this.members.delete(member);
  }

  private counted(definition: MetricDefinition): Figures {
    for (const member of this.members) this.advance(definition, member);
    return this.totals.get(definition) ?? {};
  }

  private levels(definition: MetricDefinition, join: (a: number, b: number) => number): Figures {
    const levels: Record<string, number> = {};
    for (const { policy } of this.members) {
      for (const [key, value] of Object.entries(figuresOf(definition, policy))) {
        const before = levels[key];
        levels[key] = before === undefined ? value : join(before, value);
      }
    }
    return levels;
  }

  /** Adds what was counted since it was last read. */
  private advance(definition: MetricDefinition, { policy, read }: Member): void {
    const figures = figuresOf(definition, policy);
    const before = read.get(definition);
    const totals = this.totals.get(definition) ?? {};
    for (const [key, value] of Object.entries(figures)) {
      // Another version of the library may not know it, and a total that is no number would stay so.
      if (!Number.isFinite(value)) continue;
      const last = before?.[key] ?? 0;
      // Less than before: it was reset, and has counted from 0.
      totals[key] = (totals[key] ?? 0) + (value < last ? value : value - last);
    }
    read.set(definition, figures);
    this.totals.set(definition, totals);
  }
}

const joined: Readonly<Record<Level, (a: number, b: number) => number>> = { sum: (a, b) => a + b, max: Math.max, min: Math.min };

function figuresOf(definition: MetricDefinition, policy: Policy): Figures {
  const read = definition.read[policy.kind] as ((metrics: PolicyMetrics, policy: Policy) => Figures) | undefined;
  return read === undefined ? {} : read(policy.metrics(), policy);
}
