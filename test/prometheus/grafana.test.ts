import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { of } from 'rxjs';
import { type Health, policyRegistry } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocks } from '../docs/page.js';
import { installed } from '../installed.js';
import { type Prometheus, startPrometheus } from './server.js';
import { type Traffic, traffic, wildNames } from './traffic.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly query: string | { readonly query: string } }[] };
}

const grafana = path.resolve(import.meta.dirname, '../../docs/grafana');
const dashboard = JSON.parse(readFileSync(path.join(grafana, 'rxjs-resilience.json'), 'utf8')) as Dashboard;
const charts = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = charts.flatMap(({ targets = [], title }) => targets.map(({ expr }) => [title, expr] as const));
const variables = dashboard.templating.list.filter(({ type }) => type === 'query');

/** As Grafana does it with everything selected. */
const filled = (text: string): string =>
  text.replaceAll(/\$(job|instance|policy)\b/g, '.*').replaceAll('$__rate_interval', '5s').replaceAll('$__range', '1m');

describe('the dashboard', () => {
  it('has panels for everything, each with a description, none upon another', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(charts.every(({ description, targets }) => description !== undefined && targets!.length > 0)).toBe(true);
    const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('asks the data source and the policies that are selected', () => {
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toStrictEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
      ['policy', 'query'],
    ]);
    const sources = charts.flatMap(({ datasource, targets = [] }) => [datasource!.uid, ...targets.map((target) => target.datasource.uid)]);
    expect([...new Set(sources)]).toStrictEqual(['${datasource}']);
    for (const [, expr] of queries) {
      const selectors = expr.match(/resilience_\w+/g)!.length;
      expect([expr, expr.match(/(policy|name)=~"\$policy"/g)?.length]).toStrictEqual([expr, selectors]);
    }
  });

  it('shows every metric', () => {
    const register = new Registry();
    prometheusMetrics(policyRegistry(), { register });
    const asked = new Set(queries.flatMap(([, expr]) => expr.match(/resilience_\w+/g)!).map((name) => name.replace(/_bucket$/, '')));
    const names = register.getMetricsAsArray().map(({ name }) => name);
    expect([...asked].sort()).toStrictEqual(names.sort());
  });
});

const program = installed('prometheus');

describe.skipIf(program === undefined)('against a real Prometheus', () => {
  let prometheus: Prometheus;
  let service: Traffic;

  beforeAll(async () => {
    service = traffic();
    const register = new Registry();
    prometheusMetrics(service.registry, { register });
    // Nothing in a registry is unknown; a foreign one may be.
    const health: Health = { name: 'all', status: 'unknown', required: true, since: 0, details: {} };
    prometheusMetrics(Object.assign(Object.create(policyRegistry()) as object, { health$: of(health) }) as never, { register, prefix: 'foreign_' });
    prometheus = await startPrometheus(program!, register, path.join(grafana, 'alerts.yaml'));
    const scrapes = async (): Promise<number> => Number((await vector('count_over_time(up{job="shop"}[1m])'))[0]?.value[1] ?? 0);
    while ((await scrapes()) < 7) await wait(200);
  }, 60_000);

  afterAll(async () => {
    service.stop();
    await prometheus.stop();
  });

  interface Result {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  }

  async function vector(query: string): Promise<readonly Result[]> {
    const { data, error, infos, status, warnings } = await prometheus.get('query', { query });
    expect({ status, error, warnings, infos }).toStrictEqual({ status: 'success', error: undefined, warnings: undefined, infos: undefined });
    return (data as { result: readonly Result[] }).result;
  }

  it('takes every scrape', async () => {
    const { data } = await prometheus.get('targets');
    const [target] = (data as { activeTargets: readonly { health: string; lastError: string }[] }).activeTargets;
    expect([target!.health, target!.lastError]).toStrictEqual(['up', '']);
    expect((await vector('min_over_time(up{job="shop"}[1m])'))[0]!.value[1]).toBe('1');
  });

  it.each(queries)('%s: %s has a result', async (_, expr) => {
    const result = await vector(filled(expr));
    expect(result.map(({ value }) => Number(value[1])).filter(Number.isFinite)).not.toStrictEqual([]);
  });

  it.each(blocks('docs/metrics.md', 'promql'))('%s of the page has a result', async (query) => {
    expect(await vector(query)).not.toStrictEqual([]);
  });

  it.each(variables.map(({ name, query }) => [name, (query as { query: string }).query]))('the variable %s has values (%s)', async (_, query) => {
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(query!)!;
    const { data, warnings } = await prometheus.get(`label/${label}/values`, { 'match[]': filled(selector!) });
    expect(warnings).toBeUndefined();
    expect(data).not.toStrictEqual([]);
  });

  it('has names as they were', async () => {
    const { data } = await prometheus.get('label/policy/values');
    expect(data).toStrictEqual(expect.arrayContaining([...wildNames]));
  });

  it('shows no health that is unknown', async () => {
    expect(await vector('foreign_health{kind="registry"}')).toStrictEqual([]);
  });

  it('colours circuits by their worst state', async () => {
    const [, expr] = queries.find(([title]) => title === 'Circuits')!;
    const states = Object.fromEntries((await vector(filled(expr))).map(({ metric, value }) => [metric['policy'], value[1]]));
    expect(states).toMatchObject({ slow: '0', away: '2', held: '3' });
  });

  it('loads the alerts, and each of them says what is wrong', async () => {
    const { data } = await prometheus.get('rules');
    const [group] = (data as { groups: readonly { rules: readonly { name: string; query: string; health: string; lastError?: string }[] }[] }).groups;
    expect(group!.rules.map(({ health, lastError }) => [health, lastError])).toStrictEqual(group!.rules.map(() => ['ok', undefined]));
    const raised = await Promise.all(group!.rules.map(async ({ name, query }) => [name, (await vector(query)).map(({ metric }) => metric['policy'])]));
    expect(Object.fromEntries(raised)).toStrictEqual({
      CircuitOpen: ['away'],
      CircuitForgotten: ['held'],
      DependencyFails: expect.arrayContaining(['slow']),
      RetryBudgetEmpty: ['poor'],
      BulkheadRefuses: ['pool'],
      CriticalCallsShed: ['shed'],
      ServiceDown: [undefined],
    });
  });
});
