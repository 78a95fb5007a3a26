import { type CallContext, toContext } from './context.js';
import type { Call } from './call.js';
import type { Stage } from './stage.js';

/** What counts as a value (an `isValue` option). */
export type IsValue = (value: unknown, context: CallContext) => boolean;

/** The parts of a stage that is told of the first value or, given `isValue`, of the first that this takes for one. */
export function onFirstValue(isValue: IsValue | undefined, tell: (call: Call, at: number, value: unknown) => undefined): Partial<Stage> {
  if (isValue === undefined) return { first: tell };
  return {
    judgesValues: true,
    everyValue: true,
    value: (call, at, value) => {
      if (call.hasSeen(at) || !call.inScope(() => isValue(value, toContext(call.frameWith(at))))) return undefined;
      call.markSeen(at);
      return tell(call, at, value);
    },
  };
}
