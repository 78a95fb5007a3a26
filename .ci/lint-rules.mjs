import { layersRule } from './lint-layers.mjs';

const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame'];
const globalObjects = ['globalThis', 'window', 'self', 'global'];

/** Globals that the rules ask about; a local variable of the same name is no concern of theirs. */
const asked = [...timers, ...globalObjects, 'performance', 'process', 'Date', 'Math', 'Promise'];
export const ambientGlobals = Object.fromEntries(asked.map((name) => [name, 'readonly']));

const rule = (create) => ({ meta: { type: 'problem', schema: [] }, create });

const propertyOf = (member) =>
  member?.type !== 'MemberExpression' ? undefined : member.computed ? member.property.value : member.property.name;

const isType = (node) => /^TS(Type|Qualified|Class|Interface)/.test(node.parent.type);

/** Calls `visit(name, node)` for each use of a global, also as a property of the global object. */
const onGlobals = (context, visit) => ({
  Identifier(node) {
    if (context.sourceCode.isGlobalReference(node) && !isType(node)) visit(node.name, node);
  },
  MemberExpression(node) {
    if (node.object.type !== 'Identifier' || !globalObjects.includes(node.object.name)) return;
    if (context.sourceCode.isGlobalReference(node.object)) visit(propertyOf(node), node);
  },
});

/** `new Date(x)`, `Date.parse`, `Date.UTC` and `instanceof Date` read no clock. */
function isPureDate(node) {
  const { parent } = node;
  if (parent.type === 'NewExpression') return parent.callee === node && parent.arguments.length > 0;
  if (parent.type === 'BinaryExpression') return parent.operator === 'instanceof';
  return parent.object === node && ['parse', 'UTC', 'prototype'].includes(propertyOf(parent));
}

const notVirtualised = (what) => `${what} is not virtualised: time comes from a scheduler.`;

const noAmbientTime = rule((context) => ({
  ...onGlobals(context, (name, node) => {
    const report = (what) => context.report({ node, message: notVirtualised(what) });
    if (timers.includes(name) || name === 'performance') report(name);
    if (name === 'Date' && !isPureDate(node)) report('The ambient Date');
    if (name === 'process' && propertyOf(node.parent) === 'nextTick') report('process.nextTick');
  }),
  ImportDeclaration(node) {
    const from = node.source.value.replace(/^node:/, '');
    const named = node.specifiers.some((specifier) => specifier.imported?.name === 'performance');
    if (/^timers(\/|$)/.test(from) || (from === 'perf_hooks' && named)) {
      context.report({ node, message: notVirtualised(node.source.value) });
    }
  },
}));

/** `random = Math.random` and `options.random ?? Math.random`: the default of what is injected. */
function isDefaultOfRandom(member) {
  const { parent } = member;
  const isDefault =
    parent.type === 'AssignmentPattern' || (parent.type === 'LogicalExpression' && parent.operator === '??');
  if (!isDefault || parent.right !== member) return false;
  return (parent.left.type === 'Identifier' ? parent.left.name : propertyOf(parent.left)) === 'random';
}

const noAmbientRandom = rule((context) =>
  onGlobals(context, (name, node) => {
    if (name !== 'Math') return;
    const { parent } = node;
    const property = parent.object === node ? propertyOf(parent) : undefined;
    if (property === undefined || (property === 'random' && !isDefaultOfRandom(parent))) {
      context.report({ node, message: 'Math.random only as the default of an injected `random`.' });
    }
  }),
);

const noPromise = rule((context) => {
  const message = 'TestScheduler.run does not virtualise promises: no Promise, async or await in operators.';
  const report = (node) => context.report({ node, message });
  return {
    ...onGlobals(context, (name, node) => {
      if (name === 'Promise') report(node);
    }),
    ':function[async=true]': report,
    AwaitExpression: report,
    'ForOfStatement[await=true]': report,
  };
});

const noSubscriber = rule((context) => {
  const names = new Set(['Subscriber']);
  const check = (node) => {
    const name = node?.type === 'Identifier' ? node.name : propertyOf(node);
    if (names.has(name)) {
      context.report({ node, message: 'The constructor of Subscriber is deprecated: it stays in the kernel.' });
    }
  };
  return {
    'ImportSpecifier[imported.name="Subscriber"]': (node) => names.add(node.local.name),
    NewExpression: (node) => check(node.callee),
    'ClassDeclaration, ClassExpression': (node) => check(node.superClass),
  };
});

const noLift = rule((context) => {
  const message = 'lift and operator are internals of RxJS: they stay in the kernel.';
  const report = (node) => context.report({ node, message });
  const inside = ['lift', 'operator'];
  return {
    MemberExpression(node) {
      if (inside.includes(propertyOf(node))) report(node);
    },
    'ObjectPattern > Property'(node) {
      if (!node.computed && inside.includes(node.key.name ?? node.key.value)) report(node);
    },
  };
});

/** `HttpErrorResponse` is no `Error`, and a second copy of the library has classes of its own. */
const noInstanceofError = rule((context) => ({
  'BinaryExpression[operator="instanceof"]'(node) {
    const name = node.right.type === 'Identifier' ? node.right.name : propertyOf(node.right);
    const builtIn = /^(Type|Reference|Range|Eval|Syntax|URI)Error$/.test(name);
    if (/Error$/.test(name) && !builtIn) {
      context.report({ node, message: 'Errors are recognised by brand or by shape, never by instanceof.' });
    }
  },
}));

const noDeepRxjs = rule((context) => ({
  'ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression'(node) {
    if (/^rxjs\/(internal|dist|src)(\/|$)/.test(node.source?.value)) {
      context.report({ node, message: 'rxjs/internal is not public and may move at any release.' });
    }
  },
}));

const noDecorators = rule((context) => ({
  Decorator: (node) => context.report({ node, message: 'Decorators need a compiler of their own: pass functions.' }),
}));

export const house = {
  rules: {
    layers: layersRule,
    'no-ambient-time': noAmbientTime,
    'no-ambient-random': noAmbientRandom,
    'no-promise': noPromise,
    'no-subscriber': noSubscriber,
    'no-lift': noLift,
    'no-instanceof-error': noInstanceofError,
    'no-deep-rxjs': noDeepRxjs,
    'no-decorators': noDecorators,
  },
};
