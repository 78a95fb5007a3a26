import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const readme = read('README.md');

describe('the README', () => {
  it('opens with the two commands', () => {
    const commands = /```sh\n([\s\S]*?)```/.exec(readme)![1]!;
    expect(commands.split('\n').map((line) => line.split('#')[0]!.trim())).toStrictEqual(['npm run demo', 'npm test', '']);
  });

  // They are compiled with the docs, and the tests in them run with the others, and under Jest.
  const shown = ['pipe.ts', 'service.ts', ...['in-angular', 'in-nestjs', 'by-fetch'].map((name) => `used/${name}.ts`), ...['breaker', 'retry', 'bulkhead', 'pipe'].map((name) => `testing/${name}.test.ts`)];
  it.each(shown.map((name) => `docs/examples/${name}`))('shows %s as it is', (file) => {
    expect(readme).toContain(`\`\`\`ts\n${read(file).trimEnd()}\n\`\`\``);
  });

  it('shows installing, the pipe, health and a test of an outage within 60 lines', () => {
    const lines = readme.split('\n');
    const first = lines.indexOf('## Install and use');
    const last = lines.indexOf('## What the demo measures');
    expect(last - first).toBeLessThanOrEqual(60);
  });

  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, file]) => file!);
    expect(links.filter((file) => !file.startsWith('http')).map((file) => [file, read(file).length > 0])).toStrictEqual(
      links.filter((file) => !file.startsWith('http')).map((file) => [file, true]),
    );
  });
});
