/** Something made of several streams, which may all change by one cause. */
export interface Derived {
  /** Above everything that it is made of. */
  readonly height: number;
  /** Makes it anew. */
  settle(): void;
}

let telling = 0;
const unsettled: Set<Derived> = new Set();

/**
 * While a change is told to its listeners, what is made of it waits until all have heard, and then what stands lowest is
 * made first: so one change makes one new value of everything that depends on it, on whichever paths.
 */
export function whileTelling(tell: () => void): void {
  telling++;
  try {
    tell();
  } finally {
    // What is told meanwhile belongs to the same change.
    if (telling === 1) for (let next = lowest(); next !== undefined; next = lowest()) next.settle();
    telling--;
  }
}

export function settleWhenTold(derived: Derived): void {
  if (telling === 0) derived.settle();
  else unsettled.add(derived);
}

function lowest(): Derived | undefined {
  let found: Derived | undefined;
  for (const derived of unsettled) if (found === undefined || derived.height < found.height) found = derived;
  if (found !== undefined) unsettled.delete(found);
  return found;
}
