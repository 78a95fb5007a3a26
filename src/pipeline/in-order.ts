import type { Observable } from 'rxjs';

type Operator = (source: Observable<unknown>) => Observable<unknown>;

/** Operators as one, the first next to the source; what is left out lets everything pass. */
export function inOrder(operators: readonly unknown[]): Operator {
  const given = (operators as readonly (Operator | undefined)[]).filter((operator) => operator !== undefined);
  return (source) => given.reduce((piped, operator) => operator(piped), source);
}
