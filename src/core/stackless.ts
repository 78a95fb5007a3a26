/**
 * Makes an error without a stack trace: capturing one costs some hundred times what the rest of a refusal costs.
 * Where `Error.stackTraceLimit` cannot be written (a frozen realm) the stack is captured.
 */
export function stackless<E extends Error>(captureStacks: boolean, make: () => E): E {
  if (captureStacks) return make();
  const limit = Error.stackTraceLimit;
  if (!silence(0)) return make();
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function silence(limit: number): boolean {
  try {
    Error.stackTraceLimit = limit;
    return Error.stackTraceLimit === limit;
  } catch {
    return false;
  }
}
