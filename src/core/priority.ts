/** How much a call matters, the most important first: the four criticalities of Google's SRE book. */
export type Priority = 'criticalPlus' | 'critical' | 'sheddablePlus' | 'sheddable';

export const priorities: readonly Priority[] = ['criticalPlus', 'critical', 'sheddablePlus', 'sheddable'];

/** Priority of a call that says nothing. */
export const defaultPriority: Priority = 'critical';

/** 0 is the most important. */
export function rankOf(priority: Priority): number {
  return priority === 'criticalPlus' ? 0 : priority === 'critical' ? 1 : priority === 'sheddablePlus' ? 2 : 3;
}
