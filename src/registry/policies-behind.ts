import { coreOf } from '../operator/policy.js';
import type { Policy } from '../operator/policy-types.js';

/** What a policy is known by among those of all kinds: a name is unique within its kind. */
export function policyKey(kind: string, name: string): string {
  return `${kind}:${name}`;
}

export function isPolicy(value: unknown): value is Policy {
  return coreOf(value) !== undefined;
}

/** A policy itself, or what the `parts` of a pipeline hold, each once; nothing for anything else. */
export function policiesBehind(given: unknown): readonly unknown[] {
  if (isPolicy(given)) return [given];
  const { parts } = (given ?? {}) as { readonly parts?: unknown };
  const held: readonly unknown[] = typeof parts === 'object' && parts !== null ? Object.values(parts) : [];
  return [...new Set(held)].filter((part) => part !== undefined);
}
