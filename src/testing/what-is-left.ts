import type { CallInProgress, PolicyInCall } from '../operator/shared.js';

/** What a policy gives out and has to get back. */
interface Held {
  readonly active: number;
  readonly queued: number;
  readonly inFlight: number;
}

/** Notes the calls that a test begins, and says which of them, and what of their policies, it leaves behind. */
export class WhatIsLeft {
  private readonly calls: CallInProgress[] = [];
  /** What a policy held when its first call of the test began: another test may have left something. */
  private readonly before: Map<PolicyInCall, Held> = new Map();

  readonly begun = (call: CallInProgress): void => {
    this.calls.push(call);
    for (const policy of policiesOf(call)) if (!this.before.has(policy)) this.before.set(policy, heldBy(policy));
  };

  /** A sentence for each kind of thing that is left. */
  sentences(): readonly string[] {
    const left = this.calls.filter(({ over }) => !over);
    // What is held while calls are left is theirs, also where policies share it, as they do a shedder.
    if (left.length === 0) return [...this.before].flatMap(([policy, before]) => surplus(policy, before));
    const counts = new Map<string, number>();
    for (const call of left) counts.set(tell(call), (counts.get(tell(call)) ?? 0) + 1);
    return [...counts].map(([sentence, count]) => (count === 1 ? `a call ${sentence}` : `${count} calls, each ${sentence}`));
  }
}

function tell(call: CallInProgress): string {
  const { list, waiting } = call;
  const policies = policiesOf(call);
  const through = policies.length === 0 ? 'of one stage' : `through ${policies.map(nameOf).join(', ')}`;
  const waits = list.stages[waiting]?.policy;
  const does = waits === undefined ? 'its source has not ended and nobody has unsubscribed' : `it waits in the queue of ${nameOf(waits)}`;
  const admitted = policiesOf(call, waiting + 1).filter((policy) => heldBy(policy).active + heldBy(policy).inFlight > 0);
  const holds = admitted.length === 0 ? '' : `, and holds a permit of ${admitted.map(nameOf).join(' and of ')}`;
  return `${through}: ${does}${holds}`;
}

/** From the source outwards, as they stand in a pipe. */
function policiesOf({ list }: CallInProgress, from = 0): readonly PolicyInCall[] {
  return list.stages.slice(from).flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
}

function nameOf({ kind, name }: PolicyInCall): string {
  return kind === name ? kind : `${kind} '${name}'`;
}

function heldBy(policy: PolicyInCall): Held {
  const { active = 0, queued = 0, inFlight = 0 } = policy.metrics() as Partial<Held>;
  return { active, queued, inFlight };
}

function surplus(policy: PolicyInCall, before: Held): readonly string[] {
  const now = heldBy(policy);
  const more = (['active', 'queued', 'inFlight'] as const).filter((key) => now[key] > before[key]);
  if (more.length === 0) return [];
  const figures = more.map((key) => `${key}: ${now[key]}${before[key] === 0 ? '' : ` (${before[key]} before)`}`);
  return [`${nameOf(policy)} has ${figures.join(', ')}, though no call is left`];
}
