import type { BulkheadMetrics, BulkheadRefusal } from './bulkhead-events.js';

/** The counters of a bulkhead. */
export class WaitStatistics {
  accepted = 0;
  readonly refused: Record<BulkheadRefusal, number> = { full: 0, 'queue-timeout': 0 };
  peak = 0;
  /** Calls that came before a reset and get their permit after it are in neither. */
  generation = 0;
  private waited = 0;
  private waits = 0;

  started(waited: number, generation: number): void {
    if (generation !== this.generation) return;
    this.accepted++;
    this.waited += waited;
    this.waits++;
  }

  reset(active: number): void {
    this.accepted = this.refused.full = this.refused['queue-timeout'] = this.waited = this.waits = 0;
    this.peak = active;
    this.generation++;
  }

  summary(): Pick<BulkheadMetrics, 'accepted' | 'refused' | 'peak' | 'waited' | 'meanWait' | 'rejectionRatio'> {
    const { accepted, peak, waited, waits } = this;
    const refused = { ...this.refused };
    const all = refused.full + refused['queue-timeout'];
    return {
      accepted,
      refused,
      peak,
      waited,
      meanWait: waits === 0 ? 0 : waited / waits,
      rejectionRatio: all === 0 ? 0 : all / (accepted + all),
    };
  }
}
