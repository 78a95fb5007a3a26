import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Registry } from 'prom-client';
import { of } from 'rxjs';
import { policyRegistry } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { expect, it } from 'vitest';
import { attached, catalog, server } from '../../docs/examples/metrics/prometheus.js';
import { blocks, optionTable, read } from '../docs/page.js';
import { parseExposition } from './exposition.js';

const page = 'docs/metrics.md';

it('the page names every metric with its labels and type', () => {
  const register = new Registry();
  prometheusMetrics(policyRegistry(), { register });
  const rows = read(page).matchAll(/^\| `(resilience_\w+)` \|(.*?)\| (\w+) \|/gm);
  const named = Array.from(rows, ([, name, labels, type]) => {
    const own = [...labels!.replace(', no `policy`', '').matchAll(/`(\w+)`/g)].map(([, label]) => label);
    return [name, labels!.includes('no `policy`') ? own : ['policy', ...own], type];
  });
  const made = register.getMetricsAsArray().map((metric) => {
    const { labelNames, name, type } = metric as unknown as { labelNames: string[]; name: string; type: string };
    return [name, labelNames, type];
  });
  const byName = (a: unknown[], b: unknown[]): number => String(a[0]).localeCompare(String(b[0]));
  expect(named.sort(byName)).toStrictEqual(made.sort(byName));
});

it('the page has the options that are known', () => {
  const known = optionTable(page, '## Options').map(({ name }) => name);
  expect(() => prometheusMetrics(policyRegistry(), { none: 1 } as never)).toThrow(
    `known are ${known.filter((name) => !['meter', 'spanEvents'].includes(name)).join(', ')}`,
  );
});

it('the page shows the alerts as they are', () => {
  const alerts = readFileSync(path.resolve(import.meta.dirname, '../../docs/grafana/alerts.yaml'), 'utf8');
  expect(blocks(page, 'yaml')).toStrictEqual([alerts]);
});

it('the server of the page answers a scrape', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    of(1).pipe(catalog).subscribe();
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const calls = parseExposition(await response.text()).find(({ name }) => name === 'resilience_calls_total')!;
    expect(calls.samples.find(({ labels }) => labels['outcome'] === 'success')!.value).toBe(1);
  } finally {
    server.close();
    server.closeAllConnections();
    attached.unsubscribe();
  }
});
