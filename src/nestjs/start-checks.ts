import type { ModulesContainer } from '@nestjs/core';
import { show } from '../core/options.js';
import { applicationClasses, type Held } from './application-classes.js';
import { missing } from './application-policies.js';
import { handlerKind, isGateway, isResolver } from './handler-kind.js';
import { injectedInto } from './inject-policy.js';
import { markedMethods, policyOf } from './marks.js';
import type { PolicyBook } from './policy-book.js';

/** Refuses an application in which something would be protected by nothing. */
export function checkClasses(modules: ModulesContainer, book: PolicyBook): void {
  for (const held of applicationClasses(modules)) {
    checkMarks(held, book);
    for (const name of injectedInto(held.type)) {
      if (book.find(name) === undefined) missing(name, `@InjectPolicy in ${held.type.name}`, book);
    }
  }
}

export function checkMarks({ type, isController }: Held, book: PolicyBook): void {
  const policy = policyOf(type);
  if (policy !== undefined) {
    if (isGateway(type)) refuse(policy, type.name, 'a gateway is not supported; mark a method of a provider');
    if (!isController && !isResolver(type)) {
      refuse(policy, type.name, 'it is neither a controller nor a resolver; mark its methods');
    }
    if (book.find(policy) === undefined) missing(policy, `@Resilient on ${type.name}`, book);
  }
  for (const [method, name] of markedMethods(type)) {
    const place = `${type.name}.${String(method)}`;
    checkHandler(name, place, (type.prototype as Record<PropertyKey, unknown>)[method]);
    if (book.find(name) === undefined) missing(name, `@Resilient on ${place}`, book);
  }
}

function checkHandler(policy: string, place: string, fn: unknown): void {
  const kind = handlerKind(Object(fn) as object);
  if (kind === 'gateway') refuse(policy, place, 'a gateway is not supported; mark a method of a provider');
  if (kind === 'subscription') refuse(policy, place, 'a subscription is not supported; mark a method of a provider');
  if (kind === 'field') refuse(policy, place, 'a field of a resolver is not supported; mark a method of a provider');
}

function refuse(policy: string, place: string, why: string): never {
  throw new TypeError(`@Resilient(${show(policy)}) on ${place}: ${why}`);
}
