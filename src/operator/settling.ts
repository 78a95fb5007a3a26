/** Something made of several streams, which may all change by one cause. */
export interface Derived {
  /** Above everything that it is made of. */
  readonly height: number;
  /** Makes it anew. */
  settle(): void;
}

let telling = 0;
/** By height, as it was when they came. */
const unsettled: Map<number, Set<Derived>> = new Map();

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
  else put(derived);
}

function put(derived: Derived): void {
  const { height } = derived;
  const level = unsettled.get(height);
  if (level === undefined) unsettled.set(height, new Set([derived]));
  else level.add(derived);
}

/** Many may be made of one, and all on one level: looking at all of them for each would take its time. */
function lowest(): Derived | undefined {
  while (unsettled.size > 0) {
    const height = Math.min(...unsettled.keys());
    const level = unsettled.get(height)!;
    for (const derived of level) {
      level.delete(derived);
      if (derived.height === height) return derived;
      // It has learnt meanwhile that it stands higher.
      put(derived);
    }
    unsettled.delete(height);
  }
  return undefined;
}
