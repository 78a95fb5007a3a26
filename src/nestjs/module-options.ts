import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { checkFunction, checkKeys, checkName, checkRecord, readingPart } from '../core/options.js';
import { type DeadlineMiddlewareOptions, readDeadlineOptions } from '../node/deadline-options.js';
import { checkProtection, type Protection } from '../pipeline/protect.js';
import {  } from './guarded-policy.js';

/** A policy or pipeline, without its call: beside it, a function that makes one is told apart. */
export type SharedPolicy = Pick<Protection, keyof Protection>;

/** The policies of an application, or what makes them. */
export type NamedPolicies = Readonly<Record<string, SharedPolicy | ((name: string) => Protection)>>;

export interface ResilienceModuleOptions {
  /**
   * The policies of the application by name. A function makes one when the application starts, is given the name, and is
   * called once for each application; the module disposes what it has made when the application shuts down. A policy or
   * pipeline that is given itself is shared with whoever else has it, and not disposed. Default none.
   */
  readonly policies?: NamedPolicies | undefined;
  /**
   * What is read from requests: `deadlineMiddleware` with these options stands in front of the whole HTTP application,
   * `deadlinePlugin` on Fastify. Default its defaults; `false`: nothing is read.
   */
  readonly deadline?: DeadlineMiddlewareOptions | false | undefined;
}

export interface ResilienceModuleAsyncOptions {
  /** Modules that export what `useFactory` is given. Default none. */
  readonly imports?: ModuleMetadata['imports'] | undefined;
  /** Tokens of the arguments of `useFactory`. Default none. */
  readonly inject?: FactoryProvider['inject'] | undefined;
  /** Makes the options, at once or later. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the types of what is injected are the user's
  readonly useFactory: (...injected: any[]) => ResilienceModuleOptions | Promise<ResilienceModuleOptions>;
}

/** Refuses what the options may not be, without making a policy. */
export function checkModuleOptions(options: ResilienceModuleOptions): ResilienceModuleOptions {
  const plain = checkKeys('options', options, ['policies', 'deadline']);
  const { policies = {}, deadline = {} } = plain;
  checkRecord('policies', policies);
  for (const [name, given] of Object.entries(policies)) {
    checkName('the name of a policy', name);
    if (typeof given !== 'function') checkProtection(`policies.${name}`, given);
  }
  if (deadline !== false) readingPart('deadline', () => readDeadlineOptions(deadline));
  return plain;
}

export function checkAsyncOptions(options: ResilienceModuleAsyncOptions): void {
  const { useFactory } = checkKeys('options', options, ['imports', 'inject', 'useFactory']);
  checkFunction('useFactory', useFactory);
}

/** What is refused further in says which option that was. */
export function naming<T>(option: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const isRefusal = error instanceof TypeError || error instanceof RangeError;
    if (isRefusal && !error.message.startsWith(option) && Object.isExtensible(error)) {
      error.message = `${option}: ${error.message}`;
    }
    throw error;
  }
}
