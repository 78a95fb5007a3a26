import { Inject, Injectable, type InjectionToken } from '@nestjs/common';

/**
 * Lets Nest make instances of a class with these arguments. A bundle has no types of parameters for Nest to read, so each
 * one is named.
 */
export function injectable(type: abstract new (...given: never[]) => object, tokens: readonly InjectionToken[]): void {
  Injectable()(type);
  for (const [index, token] of tokens.entries()) Inject(token)(type, undefined, index);
}
