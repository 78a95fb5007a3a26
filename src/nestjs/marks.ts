/** The policy of a class or a method, as metadata of the function: decorators that replace a method copy those. */
const policyKey = 'rxjs-resilience:policy';

/** The marked methods of a prototype by name, for those whose function was replaced without a copy. */
const methodsKey = 'rxjs-resilience:methods';

export function markClass(target: object, policy: string): void {
  Reflect.defineMetadata(policyKey, policy, target);
}

export function markMethod(prototype: object, method: PropertyKey, fn: object, policy: string): void {
  Reflect.defineMetadata(policyKey, policy, fn);
  Reflect.defineMetadata(methodsKey, new Map([...ownMarks(prototype), [method, policy]]), prototype);
}

/** The policy of a class, or that of the class which it extends. Of a method's function: its own. */
export function policyOf(target: object): string | undefined {
  return Reflect.getMetadata(policyKey, target) as string | undefined;
}

export function hasOwnMark(target: object): boolean {
  return Reflect.hasOwnMetadata(policyKey, target);
}

/** The methods of a class that are marked and that no class below has replaced, with their policies. */
export function markedMethods({ prototype }: { readonly prototype?: object | undefined }): ReadonlyMap<PropertyKey, string> {
  const found = new Map<PropertyKey, string>();
  const seen = new Set<PropertyKey>();
  for (let at: object | null | undefined = prototype; at != null; at = Object.getPrototypeOf(at) as object | null) {
    for (const [method, policy] of ownMarks(at)) {
      if (!seen.has(method)) found.set(method, policy);
    }
    for (const key of Reflect.ownKeys(at)) seen.add(key);
  }
  return found;
}

function ownMarks(prototype: object): ReadonlyMap<PropertyKey, string> {
  return (Reflect.getOwnMetadata(methodsKey, prototype) as ReadonlyMap<PropertyKey, string> | undefined) ?? new Map();
}
