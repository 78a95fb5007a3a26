import { added, brotli, bundle, type Bundle, using } from './bundle.ts';

export const six = ['withDeadline', 'bulkhead', 'circuitBreaker', 'retryWithBackoff', 'loadShed', 'fallbackTo'];

/** What is measured, by name: the exports that an application uses. */
export const measured: Readonly<Record<string, readonly string[]>> = {
  fallbackTo: ['fallbackTo'],
  withDeadline: ['withDeadline'],
  bulkhead: ['bulkhead'],
  loadShed: ['loadShed'],
  circuitBreaker: ['circuitBreaker'],
  retryWithBackoff: ['retryWithBackoff'],
  'all six': six,
  attempt: ['attempt'],
  healthBoard: ['healthBoard', 'healthCheck', 'heartbeat', 'warmup'],
  policyRegistry: ['policyRegistry'],
  perKey: ['perKey'],
  standardPipeline: ['standardPipeline'],
};

/** Entries of which is measured what they add to the main one. */
export const adapters = ['angular', 'fetch'];

const nameOf = (adapter: string): string => `/${adapter} adds`;

/** Everything that has a budget. */
export const measuredNames: readonly string[] = [...Object.keys(measured), ...adapters.map(nameOf)];

export interface Budget {
  /** Bytes that it may have now; more is a failure. */
  readonly budget: number;
  /** Bytes that it is to have one day. */
  readonly target?: number | undefined;
}

export interface Size {
  readonly name: string;
  readonly minified: number;
  readonly brotli: number;
}

export async function sizes(specifier: string, resolveDir: string): Promise<Size[]> {
  const found: Size[] = [];
  const note = (name: string, { text }: Bundle): void => {
    found.push({ name, minified: Buffer.byteLength(text), brotli: brotli(text) });
  };
  for (const [name, exports] of Object.entries(measured)) note(name, await bundle(using(exports, specifier), resolveDir));
  for (const adapter of adapters) {
    note(nameOf(adapter), await added(specifier.replace(/index\.js$/, `${adapter}.js`), specifier, resolveDir));
  }
  return found;
}

/** What is over its budget, or has none, as sentences; a budget without a size is one too many. */
export function violations(found: readonly Size[], budgets: Readonly<Record<string, Budget>>): string[] {
  const over = found.flatMap(({ name, brotli }) => {
    const { budget } = budgets[name] ?? {};
    if (budget === undefined) return [`${name} has no budget`];
    return brotli > budget ? [`${name} has ${brotli} bytes, ${brotli - budget} more than its budget of ${budget}`] : [];
  });
  const unknown = Object.keys(budgets).filter((name) => !found.some((size) => size.name === name));
  return [...over, ...unknown.map((name) => `${name} has a budget, but nothing is measured by that name`)];
}
