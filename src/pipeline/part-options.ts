import { checkKeys, isNumeric, named, refusal } from '../core/options.js';
import { coreOf } from '../operator/policy.js';
import { type PolicyKind, policyOptionNames } from '../operator/policy-types.js';
import type { PartName } from './pipeline-options.js';

/** A policy that was made elsewhere, for others to share; undefined for anything that has to be made here. */
export function readyPolicy(option: PartName, given: unknown, kind: PolicyKind, factory: string): unknown {
  if (isPipeline(given)) {
    throw new TypeError(`${named(option)} must be options or a ${factory} policy, got the pipeline '${given.name}': pipe one around the other`);
  }
  const core = coreOf(given);
  if (core === undefined || core.kind === kind) return core === undefined ? undefined : given;
  throw new TypeError(`${named(option)} must be options or a ${factory} policy, got the ${core.kind} policy '${core.name}'`);
}

/** The options of a part, `names` and those that every policy takes, with what it leaves out taken from `common`. */
export function filled<O extends object>(option: PartName, own: O, common: object, names: readonly string[]): O {
  if (typeof own !== 'object' || own === null) throw refusal('options', 'options or a policy', own, insteadOf(option, own));
  return { ...common, ...checkKeys('options', own, policyOptionNames, names) };
}

/** For `true`, for the number that comes to mind first, and for one from the environment. */
function insteadOf(option: PartName, own: unknown): string | undefined {
  if (own === true && (option === 'retry' || option === 'breaker')) return `${option}: {}`;
  if (!isNumeric(own) && typeof own !== 'number') return undefined;
  if (option === 'retry') return `retry: { maxRetries: ${own} }`;
  return option === 'breaker' ? `breaker: { failureThreshold: ${own} }` : `${option}: ${Number(own)}`;
}

/** By shape, for it may come from another copy of the library. */
export function isPipeline(value: unknown): value is { readonly name: string; readonly parts: object } {
  const { parts } = (value ?? {}) as { readonly parts?: unknown };
  return typeof value === 'function' && typeof parts === 'object' && parts !== null;
}
