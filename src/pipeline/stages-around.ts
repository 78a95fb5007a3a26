import type { Observable } from 'rxjs';
import { StageList } from '../operator/fuse.js';

/** What RxJS keeps of an operator that was applied by `lift`. */
interface Lifted {
  readonly operator?: unknown;
  readonly source?: Observable<unknown>;
}

/** The list of ours that stands outermost around a source, and what that stands around. */
export function listAround(source: Observable<unknown>): { readonly list: StageList; readonly source: Observable<unknown> } | undefined {
  // eslint-disable-next-line house/no-lift -- read only, to see what stands there already
  const { operator, source: further } = (source ?? {}) as unknown as Lifted;
  return operator instanceof StageList && further !== undefined ? { list: operator, source: further } : undefined;
}
