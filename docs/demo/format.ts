/** A share as a percentage, with a decimal where that says something: never rounded up to 100 or down to 0. */
export function percent(share: number | null | undefined): string {
  if (share === undefined || share === null) return '-';
  if (share === 0 || share === 1) return `${share * 100} %`;
  const tenths = Math.min(999, Math.max(1, Math.round(share * 1_000)));
  return `${(tenths / 10).toFixed(1)} %`;
}

export function duration(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms < 1) return '< 1 ms';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

export function ordinalSecond(second: number | null): string {
  return second === null ? 'not yet' : `in second ${second}`;
}
