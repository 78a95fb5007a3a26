/**
 * A property of a value that foreign code has made. Undefined where the value has none, and where reading it throws: a
 * getter of another library and a revoked proxy say nothing, and must not replace the error that carries them.
 */
export function read(value: unknown, key: PropertyKey): unknown {
  try {
    return (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}
