/** A metric as a scrape shows it. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const suffixes: Readonly<Record<string, readonly string[]>> = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] };

/** Reads the text format of Prometheus, and refuses what it does not allow, two equal series above all. */
export function parseExposition(text: string): readonly Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families: { name: string; type: string; help: string; samples: Sample[] }[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    const family = families.at(-1);
    const [, keyword, named, rest] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? [];
    if (line === '') continue;
    if (keyword === 'HELP') {
      if (families.some(({ name }) => name === named)) throw new Error(`${named} stands twice`);
      families.push({ name: named!, type: '', help: rest!, samples: [] });
    } else if (keyword === 'TYPE') {
      if (family?.name !== named || !(rest! in suffixes)) throw new Error(`TYPE out of place: ${line}`);
      family!.type = rest!;
    } else {
      const sample = parseSample(line);
      if (!suffixes[family?.type ?? '']?.some((suffix) => sample.name === `${family!.name}${suffix}`)) {
        throw new Error(`a sample of no family: ${line}`);
      }
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`a series stands twice: ${line}`);
      seen.add(key);
      family!.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name, inner, value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = inner ?? '';
  while (rest !== '') {
    const [all, label, escaped] = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,(?=.)|$)/s.exec(rest) ?? [];
    if (all === undefined || label! in labels) throw new Error(`no labels: ${line}`);
    labels[label!] = escaped!.replace(/\\(.)/gs, (_, after: string) => (after === 'n' ? '\n' : after));
    rest = rest.slice(all.length);
  }
  return { name, labels, value: numberOf(value!) };
}

function numberOf(text: string): number {
  // In upper and lower case as Go reads it.
  if (/^nan$/i.test(text)) return NaN;
  if (/^[+-]Inf$/.test(text)) return text.startsWith('+') ? Infinity : -Infinity;
  const number = Number(text);
  if (text === '' || Number.isNaN(number)) throw new Error(`no number: ${text}`);
  return number;
}
