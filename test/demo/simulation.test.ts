import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type BackendReport, type Report, reportOf } from '../../docs/demo/report.ts';
import { backendNames, clientNames, compressed, fullScenario } from '../../docs/demo/scenario.ts';
import { type Simulation, startSimulation } from '../../docs/demo/simulation.ts';

// The demo uses the package as its users do; here it is the source that is tested.
vi.mock('rxjs-resilience', () => import('../../src/index.js'));

// Half the load, and deadlines as they are: what is tested is the pipe, and not whether the machine is busy.
const half = compressed(fullScenario, 0.5);
const scenario = { ...half, rate: 50, places: half.places / 2, tryDeadline: 400, totalDeadline: 700, tripOver: 300 };

/** What keeps the process alive: servers and sockets, and timers. */
const active = (kind: RegExp): number => process.getActiveResourcesInfo().filter((name) => kind.test(name)).length;
const sockets = (): number => active(/^TCP/);
const timers = (): number => active(/^Timeout/);

describe('the demo, in half the time', () => {
  let report: Report;
  let worlds: Simulation['worlds'];
  let payments: BackendReport;
  let inventory: BackendReport;
  let left: { sockets: number; timers: number };

  beforeAll(async () => {
    const before = { sockets: sockets(), timers: timers() };
    const simulation = await startSimulation(scenario, new AbortController().signal);
    await simulation.finished;
    // Sockets close in the turn after that in which they are destroyed.
    const settled = (): boolean => sockets() <= before.sockets && timers() <= before.timers;
    await vi.waitUntil(settled, { timeout: 2_000 }).catch(() => undefined);
    // The test runner has timers of its own, which come and go.
    left = { sockets: sockets() - before.sockets, timers: Math.max(0, timers() - before.timers) };
    report = reportOf(simulation);
    worlds = simulation.worlds;
    ({ payments, inventory } = report.backends);
  }, 60_000);

  it('makes the same calls by both clients', () => {
    for (const { bare, resilient } of [payments, inventory]) {
      expect(bare.whole.calls).toBe(500);
      expect(resilient.whole.calls).toBe(500);
    }
  });

  it('serves both backends by both clients before the outage', () => {
    for (const { bare, resilient } of [payments, inventory]) {
      expect(bare.before.success).toBeGreaterThan(0.8);
      expect(resilient.before.success).toBeGreaterThan(0.8);
    }
  });

  it('leaves inventory as it was during the outage of payments behind the resilient client', () => {
    const { before, outage } = inventory.resilient;
    expect(outage.success).toBeGreaterThan(before.success! - 0.05);
    expect(outage.p99).toBeLessThan(Math.max(3 * before.p99!, scenario.patience / 3));
  });

  it('takes inventory down with payments behind the bare client', () => {
    const { before, outage } = inventory.bare;
    expect(outage.success).toBeLessThan(before.success! - 0.1);
    expect(outage.p99).toBeGreaterThanOrEqual(0.9 * scenario.patience);
  });

  it('is ahead on success, of payments and of inventory', () => {
    for (const { bare, resilient } of [payments, inventory]) {
      expect(resilient.whole.success).toBeGreaterThan(bare.whole.success! + 0.05);
      expect(resilient.whole.served).toBeGreaterThanOrEqual(resilient.whole.success!);
    }
  });

  it('answers payments that cannot be made now by the fallback', () => {
    expect(payments.resilient.outage.served).toBeGreaterThan(0.95);
    expect(payments.resilient.outage.success).toBeLessThan(0.5);
    expect(payments.bare.whole.served).toBe(payments.bare.whole.success);
  });

  it('is ahead on the latency of both', () => {
    for (const { bare, resilient } of [payments, inventory]) {
      expect(resilient.whole.p99).toBeLessThan(0.9 * bare.whole.p99!);
    }
  });

  it('is ahead on the load of the failing backend and on wasted requests', () => {
    const { bare, resilient } = payments;
    expect(resilient.requestsInOutage).toBeLessThan(bare.requestsInOutage / 2);
    expect(resilient.wasted).toBeLessThan(bare.wasted / 2);
  });

  it('recovers no later', () => {
    const never = Infinity;
    expect(payments.resilient.recoverySecond).not.toBeNull();
    expect(payments.resilient.recoverySecond).toBeLessThanOrEqual(payments.bare.recoverySecond ?? never);
  });

  it('shows the circuit of payments open in the outage and closed at the end, that of inventory always closed', () => {
    const { circuits } = report.timeline;
    expect(circuits.payments).toHaveLength(10);
    expect(circuits.payments).toContain('open');
    expect(circuits.payments.at(-1)).toBe('closed');
    expect(new Set(circuits.inventory)).toStrictEqual(new Set(['closed']));
  });

  it('has given every permit and place back at the end', () => {
    for (const name of clientNames) {
      for (const backend of backendNames) {
        expect(worlds[name].client.status(backend)).toMatchObject({ inFlight: 0, queued: 0 });
      }
    }
  });

  it('leaves nothing open', () => {
    expect(left).toStrictEqual({ sockets: 0, timers: 0 });
  });
});
