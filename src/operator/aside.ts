import type { Continuation } from './stage.js';

/** What most calls never have. */
export class Aside {
  /** A callback has thrown: what is further in, from `left` to `leftEnd`, is still admitted and is left with the source. */
  left = -1;
  leftEnd = -1;
  /** By position: the number of the try that runs, where it is not the first. */
  attempts: (number | undefined)[] | undefined = undefined;
  /** The error by which a retry, here or further in, has given up. */
  exhausted: { readonly error: unknown } | undefined = undefined;
  /** What became of a waiter before its `admit` had returned: undefined, let in, or refused. */
  early: { readonly error: unknown } | 'go' | undefined = undefined;
  /** How the call goes on once `source.subscribe` has returned. */
  pending: Continuation | undefined = undefined;
  /** What else waits for that. */
  afterwards: (() => void)[] | undefined = undefined;
  /** Before all of that: waking those further out than what has been settled. */
  remembered = false;
}
