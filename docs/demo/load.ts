import type { Client, Reply } from './client.ts';
import type { BackendName } from './scenario.ts';

/** How a call looked to the one who made it. `left`: there was nothing yet when the caller's patience was over. */
export type Ending = Reply | 'failed' | 'left';

export interface CallRecord {
  readonly backend: BackendName;
  /** When the call was due, in milliseconds since the start. */
  readonly at: number;
  /** Milliseconds from then until the caller had an answer or an error, or left. */
  readonly latency: number;
  readonly ending: Ending;
}

export interface Load {
  readonly client: Client;
  readonly backend: BackendName;
  /** Calls per second. */
  readonly rate: number;
  /** Milliseconds until the first call, and until no more are made. */
  readonly from: number;
  readonly to: number;
  readonly patience: number;
  readonly clock: () => number;
  readonly records: CallRecord[];
}

/**
 * Makes calls at a steady rate, whatever becomes of them, until the time is over; resolves when all have ended for
 * their callers. Latency counts from the moment at which a call was due: where this process is late itself, the delay
 * is part of it.
 */
export async function runLoad(load: Load, signal: AbortSignal): Promise<void> {
  const { rate, from, to, clock } = load;
  const open = new Set<Promise<void>>();
  let due = from;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (; due <= clock() && due < to; due += 1_000 / rate) {
        const call = follow(load, due).finally(() => open.delete(call));
        open.add(call);
      }
      if (due < to && !signal.aborted) return;
      clearInterval(timer);
      resolve();
    }, 4);
  });
  await Promise.all(open);
}

function follow({ client, backend, patience, clock, records }: Load, at: number): Promise<void> {
  return new Promise((resolve) => {
    let ended = false;
    const end = (ending: Ending): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      records.push({ backend, at, latency: Math.min(clock() - at, patience), ending });
      resolve();
    };
    const timer = setTimeout(() => end('left'), Math.max(0, at + patience - clock()));
    client.call(backend).then(end, () => end('failed'));
  });
}
