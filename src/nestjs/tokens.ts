import { checkName } from '../core/options.js';

/** By key, so that a second copy of the library (CommonJS beside ESM) asks for the same thing. */
const key = (what: string): symbol => Symbol.for(`rxjs-resilience/nestjs/${what}`);

/** Injects the `PolicyRegistry` that holds the policies of the application: for health endpoints, dashboards and metrics. */
export const POLICY_REGISTRY: symbol = /*#__PURE__*/ key('registry');

/** What the module was told. */
export const RESILIENCE_OPTIONS: symbol = /*#__PURE__*/ key('options');

/** The policies of one application, for whoever uses them by name. */
export const APPLICATION_POLICIES: symbol = /*#__PURE__*/ key('policies');

/** That they have been made. */
export const POLICY_BOOK: symbol = /*#__PURE__*/ key('book');

/** Every name that some code of the process wants: `forRootAsync` learns its own too late to describe itself by them. */
const wantedKey: unique symbol = Symbol.for('rxjs-resilience/v1/nestjs') as never;

/** Names, and nothing of what they mean in an application. */
export function wantedNames(): Set<string> {
  const realm = globalThis as { [wantedKey]?: Set<string> };
  return (realm[wantedKey] ??= new Set());
}

/**
 * By which token a policy of the module is injected: for `inject` of a factory, and for `overrideProvider` in tests. In a
 * constructor use `@InjectPolicy(name)`.
 *
 * @throws TypeError for a name that is no string or empty
 */
export function policyToken(name: string): symbol {
  wantedNames().add(checkName('name', name));
  return key(`policy/${name}`);
}
