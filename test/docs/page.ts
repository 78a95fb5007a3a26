import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** A file of the repository. */
export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** What stands in the fences of a page, by language; a fence without one is a picture. */
export function blocks(page: string, language: string): readonly string[] {
  const text = read(page);
  const fences = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  return fences.filter(([, is]) => is === language).map(([, , body]) => body!);
}

/** Where its links within the repository go: a file and the heading in it, if it names one. */
export function links(page: string): readonly (readonly [file: string, heading: string | undefined])[] {
  const prose = read(page).replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .filter(([, link]) => !/^https?:/.test(link!))
    .map(([, link]) => link!.split('#'))
    .map(([file, heading]) => [file === '' ? page : path.posix.join(path.posix.dirname(page), file!), heading] as const);
}

/** The headings of a page as links name them. */
export function anchors(page: string): readonly string[] {
  const prose = read(page).replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'),
  );
}

export interface OptionRow {
  readonly name: string;
  readonly byDefault: string;
  readonly range: string;
}

/** The first table after a heading. */
export function optionTable(page: string, heading: string): readonly OptionRow[] {
  const text = read(page);
  const from = text.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`${page} has no heading ${heading}`);
  const table = /(?:^\|.*\n)+/m.exec(text.slice(from))![0];
  const rows = table.trim().split('\n').slice(2);
  return rows.map((row) => {
    const [, name, byDefault, range] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { name: name!.replaceAll('`', ''), byDefault: byDefault!, range: range! };
  });
}
