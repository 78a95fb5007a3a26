/**
 * Makes an error without a stack trace: capturing one costs some hundred times what the rest of a refusal costs.
 * Where `Error.stackTraceLimit` cannot be written (a frozen realm) the stack is captured.
 */
export function stackless<E extends Error>(captureStacks: boolean, make: () => E): E {
  if (captureStacks) return make();
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 0;
  } catch {
    return make();
  }
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
