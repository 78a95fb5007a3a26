import { checkKeys, show } from '../core/options.js';
import { coreOf } from '../operator/policy.js';
import type { PolicyKind } from '../operator/policy-types.js';
import type { PartName } from './pipeline-options.js';

/** A policy that was made elsewhere, for others to share; undefined for anything that has to be made here. */
export function readyPolicy(option: PartName, given: unknown, kind: PolicyKind, factory: string): unknown {
  if (isPipeline(given)) {
    throw new TypeError(`${option} must be options or a ${factory} policy, got the pipeline '${given.name}': pipe one around the other`);
  }
  const core = coreOf(given);
  if (core === undefined || core.kind === kind) return core === undefined ? undefined : given;
  throw new TypeError(`${option} must be options or a ${factory} policy, got the ${core.kind} policy '${core.name}'`);
}

/** The options of a part, with what it leaves out taken from `common`. */
export function filled<O extends object>(option: PartName, own: O, common: object): O {
  if (typeof own === 'function') throw new TypeError(`${option} must be options or a policy, got ${show(own)}`);
  // Which names there are the factory checks.
  checkKeys(option, own, Object.keys((own as object | null) ?? {}));
  const missing = Object.entries(common).filter(([name]) => (own as Record<string, unknown>)[name] === undefined);
  return { ...own, ...Object.fromEntries(missing) };
}

/** What is refused while a part is made says which part that was. */
export function makingPart<T>(option: PartName, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const { message } = error as Error;
    if (typeof message === 'string' && !message.startsWith(`${option} `)) (error as Error).message = `${option}: ${message}`;
    throw error;
  }
}

/** By shape, for it may come from another copy of the library. */
export function isPipeline(value: unknown): value is { readonly name: string; readonly parts: object } {
  const { parts } = (value ?? {}) as { readonly parts?: unknown };
  return typeof value === 'function' && typeof parts === 'object' && parts !== null;
}
