import type { Circuitry, CircuitSettings, Probe, Refusal } from './circuit-state.js';

type HalfOpen = Circuitry & { readonly name: 'half-open' };

/** A new probe where a slot is free, else a refusal until the first slot can be. */
export function takeSlot(at: HalfOpen, { maxProbes, probeTimeout }: CircuitSettings, generation: number, now: number): Probe | Refusal {
  let first = Infinity;
  let running = 0;
  for (const probe of at.probes) {
    if (!probe.running || probe.answered) continue;
    running++;
    first = Math.min(first, probe.started + probeTimeout);
  }
  if (running >= maxProbes) return { reason: 'half-open', retryAfter: Math.max(0, first - now) };
  const probe: Probe = { generation, started: now, answered: false, valued: false, running: true };
  at.probes.push(probe);
  return probe;
}

/** When so many probes with a value are over that it closes; `successes` are fewer than it needs. */
export function closesAt(at: HalfOpen, { probeTimeout, successThreshold }: CircuitSettings): number {
  const lacking = successThreshold - at.successes;
  const valued = at.probes.filter(({ running, valued }) => running && valued).map(({ started }) => started + probeTimeout);
  return valued.length < lacking ? Infinity : valued.sort((a, b) => a - b)[lacking - 1]!;
}

/** In the order in which their time is over: one that had to wait further in began later than some admitted after it. */
export function byStart({ probes }: HalfOpen): readonly Probe[] {
  return [...probes].sort((a, b) => a.started - b.started);
}
