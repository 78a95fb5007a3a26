/** Numbers from 0 (included) to 1 (excluded), the same ones for the same seed (Marsaglia's xorshift, 32 bits). */
export function seeded(seed: number): () => number {
  // Zero would stay zero.
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function between([from, to]: readonly [number, number], random: () => number): number {
  return from + (to - from) * random();
}
