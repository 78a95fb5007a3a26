import { HttpContext, type HttpContextToken } from '@angular/common/http';

/** By key, so that a second copy of the library knows it. */
const passing: unique symbol = Symbol.for('rxjs-resilience/angular/passing') as never;

/** Reads and writes what another context has. */
class PassingContext extends HttpContext {
  readonly [passing]: boolean = true;

  constructor(private readonly outer: HttpContext) {
    super();
  }

  override set<T>(token: HttpContextToken<T>, value: T): HttpContext {
    this.outer.set(token, value);
    return this;
  }

  override get<T>(token: HttpContextToken<T>): T {
    return this.outer.get(token);
  }

  override delete(token: HttpContextToken<unknown>): HttpContext {
    this.outer.delete(token);
    return this;
  }

  override has(token: HttpContextToken<unknown>): boolean {
    return this.outer.has(token);
  }

  override keys(): IterableIterator<HttpContextToken<unknown>> {
    return this.outer.keys();
  }
}

/**
 * The context of a request that is on its way through our policies: an interceptor of a parent injector must not send it
 * through policies again. The mark is not a token, because a context may belong to many requests.
 */
export function passingContext(context: HttpContext): HttpContext {
  return new PassingContext(context);
}

export function isPassing(context: HttpContext): boolean {
  return passing in context;
}
