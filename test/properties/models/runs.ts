/** How often each property runs: few times by default, so that the folder stays quick. */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: Number(process.env['RESILIENCE_RUNS'] ?? usual) };
}
