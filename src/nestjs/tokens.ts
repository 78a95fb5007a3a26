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

/**
 * By which token a policy of the module is injected: for `inject` of a factory, and for `overrideProvider` in tests. In a
 * constructor use `@InjectPolicy(name)`.
 */
export function policyToken(name: string): symbol {
  return key(`policy/${name}`);
}
