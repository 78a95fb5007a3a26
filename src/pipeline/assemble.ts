import type { Observable } from 'rxjs';
import { listAround, type StageList } from '../operator/fuse.js';
import type { Part } from './make-parts.js';

type Operator = (source: Observable<unknown>) => Observable<unknown>;

/**
 * The parts as one operator, which refuses to stand around what it would undo: tries of two retries would multiply, and
 * behind a fallback there is nothing left that a breaker could hear of. Seen are operators of ours that stand side by
 * side.
 */
export function assemble(name: string, parts: readonly Part[], around: Operator): Operator {
  const operators: readonly Operator[] = [...parts.map(({ policy }) => policy), around];
  const refused = refusedInside(parts);
  /** Pipes that are assembled for each call have the same list around their source. */
  let known: StageList | undefined;
  return (source) => {
    let piped = source;
    for (let at = listAround(source); at !== undefined && at.list !== known; at = listAround(at.source)) {
      refuseStages(name, at.list, refused);
      // Else it depends on what is further in, as well.
      if (at.list.proper) known = at.list;
    }
    for (const operator of operators) piped = operator(piped);
    return piped;
  };
}

type Refused = Readonly<Partial<Record<string, string>>>;

/** By kind of what the source may not carry, why. */
function refusedInside(parts: readonly Part[]): Refused {
  const has = (option: Part['option']): boolean => parts.some((part) => part.option === option);
  return {
    ...(has('retry') && { retry: 'retry around retry would multiply the tries: leave one of the two out' }),
    ...(has('breaker') && {
      fallback: 'a fallback inside the breaker would hide every failure from it: give it as fallback, or pipe it after the pipeline',
    }),
  };
}

function refuseStages(name: string, { stages }: StageList, refused: Refused): void {
  for (const { policy } of stages) {
    const reason = policy === undefined ? undefined : refused[policy.kind];
    if (reason !== undefined) throw new TypeError(`${name}: its source has the ${policy!.kind} '${policy!.name}' already; ${reason}`);
  }
}
