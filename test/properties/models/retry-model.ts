import type { ModelBudget } from './budget-model.js';

export interface ModelPolicy {
  readonly maxRetries: number;
  /** Milliseconds. */
  readonly delay: number;
}

/** What becomes of each try of a call, in turn; the last one for good. */
export type Tries = readonly ('fail' | 'permanent' | 'ok')[];

interface Try {
  readonly due: number;
  readonly id: number;
  readonly attempt: number;
}

const fresh = { calls: 0, tries: 0, retries: 0, recovered: 0, attempts: 0, budget: 0 };

/** Several retries that share one budget: a list of tries that are to come, in the order of their times. */
export class ModelRetries {
  now = 0;
  readonly log: string[] = [];
  readonly counts: (typeof fresh)[];
  private readonly owners: number[] = [];
  private readonly outcomes: Tries[] = [];
  private queue: readonly Try[] = [];

  constructor(
    private readonly policies: readonly ModelPolicy[],
    private readonly budget: ModelBudget,
  ) {
    this.counts = policies.map(() => ({ ...fresh }));
  }

  call(policy: number, outcomes: Tries): void {
    const id = this.owners.length;
    this.owners.push(policy);
    this.outcomes.push(outcomes);
    this.counts[policy]!.calls++;
    this.counts[policy]!.tries++;
    this.budget.tried();
    this.run({ due: this.now, id, attempt: 1 });
  }

  /** A wait is given up; what was taken for it stays taken. */
  leave(id: number): void {
    this.queue = this.queue.filter((one) => one.id !== id);
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.queue = this.queue.filter((one) => one !== next);
      this.now = next.due;
      this.run(next);
    }
    this.now = end;
  }

  private next(end: number): Try | undefined {
    return [...this.queue].sort((a, b) => a.due - b.due).find(({ due }) => due <= end);
  }

  private run({ attempt, id }: Try): void {
    const policy = this.owners[id]!;
    const counts = this.counts[policy]!;
    const { delay, maxRetries } = this.policies[policy]!;
    const outcomes = this.outcomes[id]!;
    const outcome = outcomes[Math.min(attempt, outcomes.length) - 1];
    this.log.push(`${this.now} try ${attempt} of ${id}`);
    if (outcome === 'ok') {
      if (attempt > 1) counts.recovered++;
      this.log.push(`${id} completes`);
    } else if (outcome === 'permanent') {
      this.log.push(`${id} fails`);
    } else if (attempt > maxRetries) {
      counts.attempts++;
      this.log.push(`${id} fails`);
    } else if (!this.budget.take(this.now)) {
      counts.budget++;
      this.log.push(`${id} fails`);
    } else {
      // It is counted as it is granted, also where nobody waits for it in the end.
      counts.retries++;
      counts.tries++;
      const again = { due: this.now + delay, id, attempt: attempt + 1 };
      if (delay === 0) this.run(again);
      else this.queue = [...this.queue, again];
    }
  }
}
