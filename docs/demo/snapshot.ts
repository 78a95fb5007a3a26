import type { ClientStatus } from './client.ts';
import type { CallRecord } from './load.ts';
import { type BackendName, type ClientName, type PhaseName, windowsOf } from './scenario.ts';
import type { Simulation } from './simulation.ts';
import { shareOf } from './statistics.ts';

/** How things are at this moment. */
export interface Snapshot {
  /** Milliseconds since the start, and until the end of the script. */
  readonly time: number;
  readonly length: number;
  readonly phase: PhaseName;
  readonly rows: readonly SnapshotRow[];
}

export interface SnapshotRow extends ClientStatus {
  readonly backend: BackendName;
  readonly client: ClientName;
  /** Of the calls that ended in the last second: answers, and answers with fallbacks; undefined without a call. */
  readonly success: number | undefined;
  readonly served: number | undefined;
}

const order: readonly (readonly [BackendName, ClientName])[] = [
  ['payments', 'bare'], ['payments', 'resilient'], ['inventory', 'bare'], ['inventory', 'resilient'],
];

export function snapshotOf({ scenario, worlds, clock, phase }: Simulation): Snapshot {
  const length = windowsOf(scenario).whole.to;
  const time = Math.min(clock(), length);
  const rows = order.map(([backend, client]): SnapshotRow => {
    const { records, client: asked } = worlds[client];
    const recent = endedSince(records, clock() - 1_000, scenario.patience).filter((record) => record.backend === backend);
    return {
      backend,
      client,
      success: shareOf(recent, ['answer']),
      served: shareOf(recent, ['answer', 'fallback']),
      ...asked.status(backend),
    };
  });
  return { time, length, phase: phase(), rows };
}

/** Records are in the order of their ends; one that is due earlier than `patience` before ended before. */
function endedSince(records: readonly CallRecord[], since: number, patience: number): CallRecord[] {
  const found: CallRecord[] = [];
  for (let i = records.length - 1; i >= 0; i--) {
    const { at, latency } = records[i]!;
    if (at < since - patience) break;
    if (at + latency >= since) found.push(records[i]!);
  }
  return found;
}
