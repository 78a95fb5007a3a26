import { Inject } from '@nestjs/common';
import { checkName } from '../core/options.js';
import { policyToken } from './tokens.js';

/** The names that a class has injected, beside the class. */
const injectedKey = 'rxjs-resilience:injected';

/** Every name that some class of the process wants: `forRootAsync` learns its own too late to describe itself by them. */
const wantedKey: unique symbol = Symbol.for('rxjs-resilience/v1/nestjs') as never;

/** Names, and nothing of what they mean in an application. */
export function wantedNames(): Set<string> {
  const realm = globalThis as { [wantedKey]?: Set<string> };
  return (realm[wantedKey] ??= new Set());
}

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
  wantedNames().add(checkName('name', name));
  return (target: object, property: string | symbol | undefined, index?: number) => {
    if (property !== undefined && typeof index === 'number') {
      throw new TypeError(`@InjectPolicy('${name}') must stand at a constructor parameter or a property, got a parameter of ${String(property)}`);
    }
    const owner = typeof target === 'function' ? target : target.constructor;
    Reflect.defineMetadata(injectedKey, [...injectedInto(owner), name], owner);
    Inject(policyToken(name))(target, property, index as number);
  };
}

/** The policies that a class has injected, those of the class that it extends included. */
export function injectedInto(owner: object): readonly string[] {
  return (Reflect.getMetadata(injectedKey, owner) as readonly string[] | undefined) ?? [];
}
