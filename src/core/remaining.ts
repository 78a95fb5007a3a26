/** What is given of a remaining time: a share of it, less a reserve, never negative. Milliseconds. */
export function partOf(remaining: number, share: number = 1, reserve: number = 0): number {
  return Math.max(0, share * remaining - reserve);
}
