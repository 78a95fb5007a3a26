import { show } from '../core/options.js';
import { makingToKeep } from '../operator/inline-warning.js';
import type { Policy } from '../operator/policy-types.js';
import { KeyedEntry } from './keyed-entry.js';
import { isPipeline } from '../pipeline/part-options.js';
import type { KeyedPolicy } from './keyed-types.js';
import { isPolicy, policiesBehind } from './policies-behind.js';

/** Makes the policies, and disposes each when the last key that has it lets go: a factory may give one to several. */
export class KeyedMaker<P extends KeyedPolicy> {
  /** How many entries have a policy, or a part of one. */
  private readonly holders: Map<unknown, number> = new Map();

  constructor(private readonly factory: (key: string) => P) {}

  make(key: string): KeyedEntry<P> {
    const policy = makingToKeep(() => this.factory(key));
    const entry = new KeyedEntry(key, policy, partsOf(policy));
    for (const one of behind(entry)) this.holders.set(one, (this.holders.get(one) ?? 0) + 1);
    return entry;
  }

  discard(entry: KeyedEntry<P>): void {
    for (const one of behind(entry)) {
      const others = this.holders.get(one)! - 1;
      if (others > 0) this.holders.set(one, others);
      else this.holders.delete(one);
    }
    if (!this.holders.has(entry.policy)) entry.policy.dispose();
  }

  /** Whether several entries have it. */
  isShared(part: Policy): boolean {
    return this.holders.get(part)! > 1;
  }
}

function behind({ parts, policy }: KeyedEntry): ReadonlySet<unknown> {
  return new Set<unknown>([policy, ...parts]);
}

/** What stands behind what a factory gave, which has to be an operator. */
function partsOf(made: unknown): readonly Policy[] {
  const policies = typeof made === 'function' ? policiesBehind(made).filter(isPolicy) : [];
  // A pipeline without parts lets everything pass: some keys may want nothing.
  if (policies.length > 0 || (isPipeline(made) && 'health$' in made)) return policies;
  throw new TypeError(`make must give a policy or a pipeline, got ${show(made)}`);
}
