import path from 'node:path';

/** The rooms of `src/`, from the inside out. Each layer may import what stands before it. */
export const layers = {
  core: ['core'],
  operator: ['operator'],
  feature: [
    ...['circuit-breaker', 'retry', 'bulkhead', 'deadline', 'fallback', 'load-shed'],
    ...['rate-limit', 'throttle', 'hedge', 'saga', 'slo', 'health', 'wire'],
  ],
  composition: ['pipeline', 'registry', 'metrics', 'http', 'redundancy', 'degradation'],
  adapter: [
    ...['chaos', 'testing', 'node', 'fetch', 'angular', 'nestjs'],
    ...['redis', 'workers', 'opentelemetry', 'prometheus'],
  ],
};
const order = Object.keys(layers);

const layerOf = (room) => order.find((layer) => layers[layer].includes(room));

/** Why a file of `room` must not import `specifier`, or undefined where it may. */
function objection(room, folder, specifier) {
  const layer = layerOf(room);
  if (layer === undefined) return `The folder "${room}" stands in no layer: name it in .ci/lint-layers.mjs.`;
  if (/^rxjs-resilience(\/|$)/.test(specifier)) return 'Import the file itself, not the package by its own name.';
  if (!specifier.startsWith('.')) {
    return layer === 'core' ? `core is pure: it imports nothing from outside, not "${specifier}".` : undefined;
  }
  const target = path.posix.join(folder, specifier).split('/');
  if (target[0] !== 'src') return `"${specifier}" leaves src/.`;
  if (target.length === 2) return 'Import the file itself, not the public barrel.';
  const other = target[1];
  const theirs = layerOf(other);
  if (theirs === undefined) return `The folder "${other}" stands in no layer: name it in .ci/lint-layers.mjs.`;
  if (theirs === 'feature' && layer === 'feature' && other !== room) {
    return `A feature never imports another ("${room}" imports "${other}"): what two need lives in core or operator.`;
  }
  if (order.indexOf(theirs) > order.indexOf(layer)) return `${layer} must not import ${theirs} ("${other}").`;
  return undefined;
}

/** Dependencies point one way: core <- operator <- feature <- composition <- adapter. */
export const layersRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const parts = path.relative(context.cwd, context.filename).split(path.sep);
    if (parts[0] !== 'src' || parts.length < 3) return {};
    const check = (source) => {
      if (typeof source?.value !== 'string') return;
      const message = objection(parts[1], parts.slice(0, -1).join('/'), source.value);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
    };
  },
};
