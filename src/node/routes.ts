import type { HealthKind } from '../health/health-board.js';
import { decodeName } from './http-request.js';

/** What can be done to a policy by hand. */
export type PolicyAction = 'isolate' | 'release' | 'reset';

/** What is asked for. */
export type Route =
  | { readonly kind: 'probe'; readonly of: HealthKind }
  | { readonly kind: 'policies'; readonly name: string | undefined }
  | { readonly kind: 'action'; readonly name: string; readonly action: PolicyAction }
  | { readonly kind: 'stream' | 'dashboard' };

/** What is switched on. */
export interface Switches {
  readonly deep: boolean;
  readonly policies: boolean;
  readonly stream: boolean;
  readonly dashboard: boolean;
  readonly control: boolean;
}

export interface NoRoute {
  readonly kind: 'none';
  readonly status: 400 | 404 | 405;
  /** Of 405: the methods there are. */
  readonly allow?: string;
}

const unknown: NoRoute = { kind: 'none', status: 404 };

/** Whole segments; what is switched off is as unknown as what has never been. */
export function routeOf(method: string, segments: readonly string[], on: Switches): Route | NoRoute {
  const found = find(segments, on);
  if (found.kind === 'none') return found;
  const allowed = found.kind === 'action' ? ['POST'] : ['GET', 'HEAD'];
  return allowed.includes(method) ? found : { kind: 'none', status: 405, allow: allowed.join(', ') };
}

function find(segments: readonly string[], on: Switches): Route | NoRoute {
  const [first, second, third] = segments;
  if (segments.length === 1) {
    if (first === 'live' || first === 'startup' || first === 'ready') return { kind: 'probe', of: first };
    if (first === 'deep' && on.deep) return { kind: 'probe', of: first };
    if ((first === 'stream' && on.stream) || (first === 'dashboard' && on.dashboard)) return { kind: first };
    if (first === 'policies' && on.policies) return { kind: 'policies', name: undefined };
    return unknown;
  }
  if (first !== 'policies' || second === undefined || second === '') return unknown;
  const isAction = segments.length === 3 && on.control && isActionName(third);
  if (!isAction && !(segments.length === 2 && on.policies)) return unknown;
  const name = decodeName(second);
  if (name === undefined) return { kind: 'none', status: 400 };
  return isAction ? { kind: 'action', name, action: third as PolicyAction } : { kind: 'policies', name };
}

function isActionName(segment: string | undefined): boolean {
  return segment === 'isolate' || segment === 'release' || segment === 'reset';
}
