import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '../..');

export interface Member {
  readonly name: string;
  readonly required: boolean;
  /** What its docstring says from the word "default" on. */
  readonly told: string;
}

/** The members that an interface has of its own, read from the source: types are gone when a test runs. */
export function membersOf(file: string, name: string): readonly Member[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found = source.statements.filter(ts.isInterfaceDeclaration).find((statement) => statement.name.text === name);
  if (found === undefined) throw new Error(`there is no interface ${name} in ${file}`);
  return found.members.filter(ts.isPropertySignature).map((member) => {
    const comment = ts.getJSDocCommentsAndTags(member).map((part) => ts.getTextOfJSDocComment(part.comment) ?? '').join(' ');
    const at = comment.search(/default/i);
    return { name: member.name.getText(source), required: member.questionToken === undefined, told: at < 0 ? '' : comment.slice(at) };
  });
}
