/** The last so many outcomes, or those of the last so many parts of a time. */
export type ModelWindow = { readonly calls: number } | { readonly time: number; readonly buckets: number };

/** Which of all outcomes are in the window at `now`: a part of the time leaves as a whole. */
export function within<T extends { readonly at: number }>(window: ModelWindow, all: readonly T[], now: number): readonly T[] {
  if ('calls' in window) return all.slice(-window.calls);
  const { buckets, time } = window;
  const bucket = (at: number): number => Math.floor(at / (time / buckets));
  return all.filter(({ at }) => bucket(at) > bucket(now) - buckets);
}
