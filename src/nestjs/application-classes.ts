import type { ModulesContainer } from '@nestjs/core';

/** What Nest holds of a controller or a provider. */
export interface Held {
  readonly type: object & { readonly name: string; readonly prototype?: object | undefined };
  readonly isController: boolean;
}

interface Wrapper {
  readonly metatype: unknown;
  readonly inject?: unknown;
  readonly instance: unknown;
}

/** Every class of the application: known once all modules have been read. */
export function* applicationClasses(modules: ModulesContainer): Generator<Held> {
  for (const { controllers, providers } of modules.values()) {
    for (const wrapper of controllers.values()) {
      if (isClass(wrapper)) yield { type: wrapper.metatype, isController: true };
    }
    for (const wrapper of providers.values()) {
      if (isClass(wrapper)) yield { type: wrapper.metatype, isController: false };
    }
  }
}

/** What factories and values have given: known once the application is made. */
export function* givenInstances(modules: ModulesContainer): Generator<Held & { readonly instance: object }> {
  for (const { providers } of modules.values()) {
    for (const wrapper of providers.values()) {
      const instance: unknown = isClass(wrapper) ? undefined : wrapper.instance;
      if (typeof instance !== 'object' || instance === null) continue;
      const type: unknown = instance.constructor;
      if (typeof type === 'function') yield { type, isController: false, instance };
    }
  }
}

/** A factory has a list of what it is given; a value has nothing that makes it. */
function isClass(wrapper: Wrapper): wrapper is Wrapper & { readonly metatype: Held['type'] } {
  return typeof wrapper.metatype === 'function' && wrapper.inject == null;
}
