import { isProduction } from './inline-warning.js';
import type { PolicyInCall } from './shared.js';
import type { Stage } from './stage.js';

/** Pairs of names that are remembered. Names may be made for each call, and then enough has been said. */
const most = 200;

let warned: Set<string> | undefined;
let meant = 0;

/** Nothing is reported of what `assemble` pipes: an adapter puts the policies of a request around those of a pipeline. */
export function meantSo<T>(assemble: () => T): T {
  meant++;
  try {
    return assemble();
  } finally {
    meant--;
  }
}

/**
 * Reports, once for each pair of names and outside production, policies piped by hand that cannot work in this order.
 * Only names are kept, for what is written inline is made anew for each call.
 */
export function warnOfOrder(inside: readonly Stage[], { policy: outer }: Stage): void {
  if (meant > 0) return;
  for (let at = 0; at < inside.length; at++) {
    const { policy: inner } = inside[at]!;
    if (inner !== undefined && outer !== undefined && isWrong(inner, outer, isLast(inside, at))) warn(inner, outer);
  }
}

/** Between it and the outer policy stands none that has a name. */
function isLast(stages: readonly Stage[], at: number): boolean {
  return stages.slice(at + 1).every(({ policy }) => policy === undefined);
}

function isWrong(inner: PolicyInCall, outer: PolicyInCall, isNext: boolean): boolean {
  if (inner.mode !== 'enforce' || outer.mode !== 'enforce') return false;
  if (outer.kind === 'deadline') return inner.kind === 'deadline' && inner.isInVain?.(outer) === true;
  if (inner.kind === 'retry') return outer.kind === 'retry' && isNext;
  return inner.kind === 'fallback' && inner.isInVain?.(outer) === true;
}

function warn(inner: PolicyInCall, outer: PolicyInCall): void {
  const [within, around] = [`the ${inner.kind} '${inner.name}'`, `the ${outer.kind} '${outer.name}'`];
  warned ??= new Set();
  const pair = `${within} ${around}`;
  if (warned.has(pair) || warned.size >= most) return;
  warned.add(pair);
  if (isProduction()) return;
  const reasons: Readonly<Record<string, string>> = {
    deadline: `${within} is not shorter than ${around} outside of it, and never ends a call. Make it shorter, or leave it out.`,
    fallback: `${within} stands inside ${around} and hides every failure from it. Pipe the fallback after it.`,
    retry: `${around} stands directly around ${within}. Leave one of the two out.`,
  };
  console.warn(`rxjs-resilience: ${reasons[inner.kind]!}`);
}
