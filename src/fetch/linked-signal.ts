/** The signal that a request is made with. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Nothing of the request can be aborted any more. */
  done(): void;
}

/**
 * Aborts when `own` does, and with the same reason when that of the caller does. The caller's goes on to abort a body
 * that is read after the call has ended, as with `fetch`: the platform knows when nobody can read it any more. Older
 * ones, without `AbortSignal.any`, get a listener that stays until the caller's signal aborts or goes.
 */
export function linkedSignal(own: AbortController, callers: AbortSignal | undefined): LinkedSignal {
  if (callers === undefined) return { signal: own.signal, done: () => {} };
  const { any } = AbortSignal as { any?: typeof AbortSignal.any };
  if (any !== undefined) return { signal: any.call(AbortSignal, [callers, own.signal]), done: () => {} };
  const abort = (): void => own.abort(callers.reason);
  callers.addEventListener('abort', abort, { once: true });
  return { signal: own.signal, done: () => callers.removeEventListener('abort', abort) };
}
