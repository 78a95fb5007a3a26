import { describe, expect, it } from 'vitest';
import type { ClientReport, Report } from '../../docs/demo/report.ts';
import { legendLines, tableLines } from '../../docs/demo/table.ts';
import { colourful, plain } from '../../docs/demo/terminal.ts';
import { timelineLines } from '../../docs/demo/timeline.ts';

const summary = { calls: 100, success: 0.5, served: 1, p50: 20, p99: 1_234 };
const client = (success: number, recoverySecond: number | null): ClientReport => ({
  before: { ...summary, success: 1, p50: 21, p99: 40 }, outage: { ...summary, success }, after: summary, whole: summary,
  requestsInOutage: 300, requests: 400, wasted: 200, recoverySecond,
});

const report: Report = {
  seed: 1,
  rate: 100,
  patience: 2_000,
  phases: [
    { name: 'healthy', from: 0, to: 2_000 },
    { name: 'failing', from: 2_000, to: 4_000 },
    { name: 'recovering', from: 4_000, to: 6_000 },
  ],
  backends: {
    payments: { bare: client(0.25, null), resilient: client(0.5, 2) },
    inventory: { bare: client(0.75, 1), resilient: client(1, 1) },
  },
  timeline: {
    slice: 1_000,
    success: {
      payments: { bare: [1, 1, 0, 0, null, 1], resilient: [1, 1, 0.1, 0, 0.5, 1] },
      inventory: { bare: [1, 1, 0.5, 0.5, 1, 1], resilient: [1, 1, 1, 1, 1, 1] },
    },
    circuits: {
      payments: ['closed', 'closed', 'open', 'open', 'half-open', 'closed'],
      inventory: ['closed', 'closed', 'closed', 'closed', 'closed', 'closed'],
    },
  },
};

describe('the timeline', () => {
  it('draws each second of each client, and the circuit below', () => {
    expect(timelineLines(report, 24, plain)).toStrictEqual([
      'seconds           0    5',
      'phase of payments │h│f│r',
      'payments',
      '  bare            ██▁▁ █',
      '  resilient       ██▂▁▅█',
      '  its circuit     ──╳╳┄─',
      'inventory',
      '  bare            ██▅▅██',
      '  resilient       ██████',
      '  its circuit     ──────',
      'bars: answered, 0 to 100 %   circuit: ─ closed  ╳ open  ┄ half-open',
    ]);
  });

  it('takes up to three columns for a second where there is room', () => {
    const [seconds, phases, , bare] = timelineLines(report, 80, plain);
    expect(seconds).toBe('seconds           0              5');
    expect(phases).toBe('phase of payments │healt│faili│recov');
    expect(bare).toBe('  bare            ██████▁▁▁▁▁▁   ███');
  });

  it('colours what is good, fair and bad', () => {
    const text = timelineLines(report, 80, colourful).join('\n');
    for (const code of ['\u001b[32m███', '\u001b[33m▅▅▅', '\u001b[31m▁▁▁', '\u001b[31m╳╳╳']) expect(text).toContain(code);
  });
});

describe('the table', () => {
  const lines = tableLines(report, 80, plain);
  const row = (backend: string, label: string): string => lines.slice(lines.indexOf(backend)).find((line) => line.includes(label))!;

  it('sets bare against resilient, for each backend', () => {
    expect(lines[0]).toMatch(/^ +bare +resilient$/);
    expect(row('payments', 'answered in the outage')).toMatch(/ 25\.0 % +50\.0 %$/);
    expect(row('inventory', 'answered in the outage')).toMatch(/ 75\.0 % +100 %$/);
    expect(row('payments', 'p99')).toMatch(/ 40 ms \/ 1\.23 s +40 ms \/ 1\.23 s$/);
    expect(row('payments', 'recovered')).toMatch(/ not yet +in second 2$/);
  });

  it('fits into 80 columns', () => {
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('puts the numbers below their names where it is narrow', () => {
    const narrow = tableLines(report, 40, plain);
    const label = narrow.findIndex((line) => line.includes('answered in the outage'));
    expect(narrow[label + 1]).toMatch(/^ +25\.0 % +50\.0 %$/);
    for (const line of narrow) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('explains its words', () => {
    const text = legendLines(report).join('\n');
    expect(text).toContain('payments is failing; inventory is healthy');
    for (const word of ['answered', 'wasted', 'recovered', '2.00 s']) expect(text).toContain(word);
  });
});
