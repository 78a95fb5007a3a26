import type { Contender, ContenderName } from './case.ts';
import { median } from './statistics.ts';

export interface Effort {
  /** Measured rounds; in each of them every contender runs once. */
  readonly rounds: number;
  /** Milliseconds that a contender runs in a round, about. */
  readonly slice: number;
  /** Milliseconds that each contender runs before anything is measured. */
  readonly warmUp: number;
}

/** Nanoseconds of each operation, for each contender and round. */
export type Samples = Readonly<Record<ContenderName, readonly number[]>>;

/** Lets timers fire and sockets speak between two turns, outside of what is measured. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function timed(contender: Contender, times: number): Promise<number> {
  await breathe();
  const start = performance.now();
  await contender.run(times);
  return performance.now() - start;
}

/**
 * Runs all by turns in small helpings, so that each is compiled in the company of the others, and learns how many
 * operations fill a slice: by the median of what it saw last, because a slice in which the machine did something else
 * would leave a contender with so few that what happens once in a slice is most of its time.
 */
async function warmed(contenders: readonly Contender[], { slice, warmUp }: Effort): Promise<number[]> {
  const times = contenders.map(() => 1);
  const seen: number[][] = contenders.map(() => []);
  const spent = contenders.map(() => 0);
  while (spent.some((ms) => ms < warmUp)) {
    for (const [i, contender] of contenders.entries()) {
      if (spent[i]! >= warmUp) continue;
      const ms = await timed(contender, times[i]!);
      spent[i]! += Math.min(ms, 2 * slice);
      seen[i]!.push(ms / times[i]!);
      const fitting = Math.round(slice / median(seen[i]!.slice(-9)));
      // At most twice as many as before: the first runs say little.
      times[i] = Math.max(1, Math.min(2 * times[i]!, fitting));
    }
  }
  return times;
}

/** Each round has its own order, so that nobody always follows the same one. */
function orders(count: number, rounds: number): number[][] {
  return Array.from({ length: rounds }, (_, round) => {
    const turned = Array.from({ length: count }, (_, i) => (i + round) % count);
    return round % 2 === 0 ? turned : turned.reverse();
  });
}

/** Measures contenders by turns in many short rounds: what slows the machine down slows down all of them. */
export async function measure(contenders: Readonly<Record<ContenderName, Contender>>, effort: Effort): Promise<Samples> {
  const list = Object.values(contenders);
  const times = await warmed(list, effort);
  const samples: number[][] = list.map(() => []);
  for (const order of orders(list.length, effort.rounds)) {
    for (const i of order) samples[i]!.push(((await timed(list[i]!, times[i]!)) * 1e6) / times[i]!);
  }
  return Object.fromEntries(Object.keys(contenders).map((name, i) => [name, samples[i]!]));
}
