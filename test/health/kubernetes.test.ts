import { interval, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { healthBoard } from '../../src/health/health-board.js';
import { healthCheck } from '../../src/health/health-check.js';
import { heartbeat } from '../../src/health/heartbeat.js';
import { warmup } from '../../src/health/warmup.js';
import type { HealthStatus } from '../../src/core/health.js';
import { blocks, read } from '../docs/page.js';
import { virtual } from '../virtual.js';
import { type Probe, readManifest } from './manifest.js';

const page = 'docs/kubernetes.md';
const manifest = readManifest(blocks(page, 'text')[0]!);
const { livenessProbe, readinessProbe, startupProbe, terminationGracePeriodSeconds: grace } = manifest;

/** A figure of the process, from the table and from the call that sets it. */
const told = (row: string): number => Number(new RegExp(`^\\| ${row} \\| (\\d+) s \\|`, 'm').exec(read(page))![1]);
const [warming, within, wait, limit] = ['warm-up', '`within` of the heartbeat', '`wait` after SIGTERM', '`limit` of the shutdown'].map(told) as [
  number,
  number,
  number,
  number,
];
const budget = ({ periodSeconds, failureThreshold }: Probe): number => periodSeconds * failureThreshold;

describe('the manifest of docs/kubernetes.md', () => {
  it('asks each question at its endpoint', () => {
    expect([startupProbe.path, livenessProbe.path, readinessProbe.path]).toStrictEqual(['/health/startup', '/health/live', '/health/ready']);
  });

  it('has the figures that the page says the process has', () => {
    expect(read(page)).toContain(`needs ${warming} s to warm up`);
    expect(read(page)).toContain(`a heartbeat of ${within} s in \`live\``);
    expect(read(page)).toContain(`shutdownOnSignal(server, board, { wait: ${wait}_000, limit: ${limit}_000 })`);
  });

  it('lets the warm-up take twice its time', () => {
    expect(budget(startupProbe)).toBeGreaterThanOrEqual(2 * warming);
  });

  it('has probes that do not overlap', () => {
    for (const { periodSeconds, timeoutSeconds } of [startupProbe, livenessProbe, readinessProbe]) expect(timeoutSeconds).toBeLessThan(periodSeconds);
  });

  it('has taken a process out by the time at which it closes', () => {
    expect(budget(readinessProbe)).toBeLessThanOrEqual(wait);
  });

  it('lets the process end itself', () => {
    expect(manifest.preStop).toBe(false);
    expect(grace).toBeGreaterThan(wait + limit);
  });

  it('says each sum as it is', () => {
    const sums = [
      `${startupProbe.periodSeconds} * ${startupProbe.failureThreshold} = ${budget(startupProbe)} s, twice ${warming} s`,
      [startupProbe, livenessProbe, readinessProbe].map(({ periodSeconds, timeoutSeconds }) => `${timeoutSeconds} < ${periodSeconds}`).join(', '),
      `${within} + ${livenessProbe.periodSeconds} * ${livenessProbe.failureThreshold} + ${livenessProbe.timeoutSeconds} = ${within + budget(livenessProbe) + livenessProbe.timeoutSeconds} s`,
      `${readinessProbe.periodSeconds} * ${readinessProbe.failureThreshold} = ${budget(readinessProbe)} s, at most ${wait} s`,
      `${grace} s, more than ${wait} + ${limit} s`,
    ];
    for (const sum of sums) expect(read(page)).toContain(`| ${sum} |`);
    expect(read(page)).toContain(`are restarted after ${budget(startupProbe)} s`);
  });
});

/** A kubelet that asks by the manifest: when the pod is started, ready, taken out and restarted, in seconds. */
function kubelet(at: { readonly hang?: number; readonly away?: number; readonly drain?: number }, until: number) {
  const { scheduler, advance } = virtual();
  const events: [event: string, at: number][] = [];
  const now = (): number => scheduler.now() / 1_000;
  const loop = heartbeat('consumer', { within: within * 1_000, scheduler });
  const isAway = (): boolean => at.away !== undefined && now() >= at.away;
  const db = healthCheck('db', () => !isAway(), { required: true, scheduler, random: () => 0.5 });
  const cache = warmup('cache', timer(warming * 1_000, scheduler), { scheduler });
  const board = healthBoard({ startup: { cache }, live: { loop }, ready: { db } }, { scheduler });
  interval(1_000, scheduler).subscribe(() => (at.hang === undefined || now() < at.hang) && loop.beat());
  if (at.drain !== undefined) timer(at.drain * 1_000, scheduler).subscribe(() => board.drain());
  const status: Record<string, HealthStatus> = {};
  for (const kind of ['live', 'startup', 'ready'] as const) board[`${kind}$`].subscribe((health) => (status[kind] = health.status));
  const passes = (kind: string): boolean => ['up', 'degraded'].includes(status[kind]!);
  let started = false;
  const probe = ({ periodSeconds, failureThreshold }: Probe, kind: string, then: { readonly passed?: () => void; readonly failed: () => void }): void => {
    let failures = 0;
    interval(periodSeconds * 1_000, scheduler).subscribe(() => {
      if ((kind === 'startup') === started) return;
      failures = passes(kind) ? 0 : failures + 1;
      if (failures === 0) then.passed?.();
      else if (failures === failureThreshold) then.failed();
    });
  };
  let isEndpoint = false;
  const become = (to: boolean, event: string): void => {
    if (isEndpoint !== to) events.push([event, now()]);
    isEndpoint = to;
  };
  probe(startupProbe, 'startup', {
    passed: () => {
      started = true;
      events.push(['started', now()]);
    },
    failed: () => events.push(['restarted', now()]),
  });
  probe(livenessProbe, 'live', { failed: () => events.push(['restarted', now()]) });
  probe(readinessProbe, 'ready', { passed: () => become(true, 'in'), failed: () => become(false, 'out') });
  advance(until * 1_000);
  board.dispose();
  return events;
}

describe('a pod with that manifest', () => {
  // Both are asked at that second.
  const begun = [['started', warming], ['in', warming]];

  it('starts once it is warm, and is left alone', () => {
    expect(kubelet({}, 1_000)).toStrictEqual(begun);
  });

  it('is restarted within the time that the page says where its loop stops', () => {
    const [, , restarted] = kubelet({ hang: 200 }, 400);
    expect(restarted![0]).toBe('restarted');
    expect(restarted![1]).toBeGreaterThan(200 + within);
    expect(restarted![1]).toBeLessThanOrEqual(200 + within + budget(livenessProbe) + livenessProbe.timeoutSeconds);
  });

  it('is taken out by the time that the page says where its dependency is away, and never restarted', () => {
    const events = kubelet({ away: 200 }, 10_000);
    expect(events).toHaveLength(3);
    expect(events[2]![0]).toBe('out');
    const [, check, probes] = /takes up to (\d+) s of an outage until a check is down, and (\d+) s more/.exec(read(page))!;
    expect(Number(check)).toBe(2 * 10 * 1.1);
    expect(Number(probes)).toBe(budget(readinessProbe));
    expect(events[2]![1]).toBeLessThanOrEqual(200 + Number(check) + Number(probes));
  });

  it.each([0, 0.5, 1, 1.5, 1.999])('is out before it closes, where the signal comes %d s after a probe', (offset) => {
    const at = 200 + offset;
    const [, , out] = kubelet({ drain: at }, 300);
    expect(out![0]).toBe('out');
    expect(out![1] - at).toBeLessThanOrEqual(wait);
  });
});
