import { Inject } from '@nestjs/common';
import { policyToken } from './tokens.js';

/** The names that a class has injected, beside the class. */
const injectedKey = 'rxjs-resilience:injected';

/**
 * Injects a policy of `ResilienceModule` into a constructor parameter or a property. The start rejects where there is no
 * policy of that name.
 *
 * @throws TypeError for a name that is no string or empty, and on the parameter of a method
 *
 * ```ts
 * constructor(@InjectPolicy('payments') private readonly payments: ResiliencePipeline) {}
 * ```
 */
export function InjectPolicy(name: string): ParameterDecorator & PropertyDecorator {
  const token = policyToken(name);
  return (target: object, property: string | symbol | undefined, index?: number) => {
    if (property !== undefined && typeof index === 'number') {
      const got = `a parameter of ${String(property)}`;
      throw new TypeError(`@InjectPolicy('${name}') must stand at a constructor parameter or a property, got ${got}`);
    }
    const owner = typeof target === 'function' ? target : target.constructor;
    Reflect.defineMetadata(injectedKey, [...injectedInto(owner), name], owner);
    Inject(token)(target, property, index as number);
  };
}

/** The policies that a class has injected, those of the class that it extends included. */
export function injectedInto(owner: object): readonly string[] {
  return (Reflect.getMetadata(injectedKey, owner) as readonly string[] | undefined) ?? [];
}
