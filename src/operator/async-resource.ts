interface AsyncResource {
  runInAsyncScope(work: () => void): void;
}

type AsyncResourceClass = new (type: string, options: { requireManualDestroy: boolean }) => AsyncResource;

interface ProcessLike {
  getBuiltinModule?(id: string): { readonly AsyncResource?: AsyncResourceClass } | undefined;
}

let found: AsyncResourceClass | null | undefined;

function asyncResourceClass(): AsyncResourceClass | null {
  const { process } = globalThis as { process?: ProcessLike };
  return process?.getBuiltinModule?.('node:async_hooks')?.AsyncResource ?? null;
}

/** The asynchronous context (`AsyncLocalStorage`) of a caller, kept while the call waits; undefined outside of Node. */
export type AsyncScope = AsyncResource | undefined;

/**
 * What waits in a queue or shares a timer is continued by somebody else's event. Without this it would run under that
 * other request's tenant. (`AsyncLocalStorage.snapshot()` is a hundred times dearer.)
 */
export function captureAsyncScope(): AsyncScope {
  if (found === undefined) found = asyncResourceClass();
  return found === null ? undefined : new found('RXJS_RESILIENCE', { requireManualDestroy: true });
}

export function runInAsyncScope(scope: AsyncScope, work: () => void): void {
  if (scope === undefined) work();
  else scope.runInAsyncScope(work);
}
