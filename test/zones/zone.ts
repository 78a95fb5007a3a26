/** As much of zone.js as the programs of this folder use. */
interface ZoneLike {
  readonly name: string;
  fork(spec: { readonly name: string }): ZoneLike;
  run<T>(work: () => T): T;
}

const current = (): ZoneLike => (globalThis as unknown as { Zone: { readonly current: ZoneLike } }).Zone.current;

export type Seen = Record<string, string[]>;

export const zoneName = (): string => current().name;

/** Runs work in a zone of this name. */
export function zoned(name: string): <T>(work: () => T) => T {
  const zone = current().fork({ name });
  return (work) => zone.run(work);
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
