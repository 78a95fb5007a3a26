import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const source = path.join(root, 'src');

/** The entries, from the list by which the package is built. */
const entries = Object.values(JSON.parse(readFileSync(path.join(root, 'entries.json'), 'utf8')) as Record<string, string>).map((file) =>
  path.join(root, file),
);

/**
 * Every object that a public function takes, at any depth, and those that the methods of what it returns take: a
 * property that may be left out may be undefined too. Users compile with `exactOptionalPropertyTypes`, and spread
 * options of their own.
 */
function strictInputs(): { readonly strict: readonly string[]; readonly seen: ReadonlySet<string> } {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(entries, { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const [inputs, outputs] = [new Set<ts.Type>(), new Set<ts.Type>()];
  const strict = new Set<string>();
  /** It is handed to a function of the user. */
  const ours = new Set(['HttpErrorBody']);
  const seen = new Set<string>();

  const isOurs = (symbol: ts.Symbol | undefined): boolean =>
    symbol?.declarations?.some((node) => node.getSourceFile().fileName.startsWith(source)) === true;
  const typeOf = (symbol: ts.Symbol): ts.Type => checker.getTypeOfSymbol(symbol);

  function given(type: ts.Type): void {
    if (inputs.has(type)) return;
    inputs.add(type);
    if (type.isUnionOrIntersection()) return type.types.forEach(given);
    for (const signature of type.getCallSignatures()) returned(signature.getReturnType());
    const symbol = type.aliasSymbol ?? type.symbol;
    if (!isOurs(symbol) || type.isClass()) return;
    for (const property of type.getProperties()) {
      const declaration = property.declarations?.find((node) => ts.isPropertySignature(node) && node.getSourceFile().fileName.startsWith(source));
      if (declaration === undefined) continue;
      const { name, questionToken, type: written } = declaration as ts.PropertySignature;
      const owner = (declaration.parent as Partial<ts.InterfaceDeclaration>).name?.text ?? symbol.name;
      if (questionToken !== undefined) {
        const place = `${owner}.${name.getText()}`;
        seen.add(place);
        if (!ours.has(owner) && !/\bundefined\b|^unknown$|^never$/.test(written?.getText() ?? '')) strict.add(place);
      }
      given(typeOf(property));
    }
  }

  function called(signatures: readonly ts.Signature[]): void {
    for (const signature of signatures) {
      for (const parameter of signature.getParameters()) given(typeOf(parameter));
      returned(signature.getReturnType());
    }
  }

  /** What users have: they call its methods. */
  function returned(type: ts.Type): void {
    if (outputs.has(type)) return;
    outputs.add(type);
    if (type.isUnionOrIntersection()) return type.types.forEach(returned);
    called(type.getCallSignatures());
    called(type.getConstructSignatures());
    if (!isOurs(type.aliasSymbol ?? type.symbol)) return;
    for (const member of type.getProperties()) if (isOurs(member)) called(typeOf(member).getCallSignatures());
  }

  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (symbol.flags & ts.SymbolFlags.Value) returned(typeOf(symbol));
      // An interface that is exported for users to write: options mostly.
      if (/(Options|Settings|Update|Context|Limits)$/.test(symbol.name)) given(checker.getDeclaredTypeOfSymbol(symbol));
    }
  }
  return { strict: [...strict].sort(), seen };
}

it('takes undefined wherever something may be left out', { timeout: 120_000 }, () => {
  const { seen, strict } = strictInputs();
  for (const place of ['RetrySettings.maxRetries', 'ChildDeadline.share', 'BulkheadQueue.timeout', 'CallContext.deadline', 'HealthHandlerOptions.prefix', 'PerKeyOptions.maxKeys']) {
    expect(seen).toContain(place);
  }
  expect(strict).toStrictEqual([]);
});
