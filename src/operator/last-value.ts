import { Subscriber } from 'rxjs';
import { discard } from '../core/response.js';

/** Takes a value with which its source ends, as one notification: a call of ours settles before it passes it on. */
interface TakesLast {
  readonly endWith: (value: unknown) => void;
}

/**
 * Emits the value with which a source ends, and completes. A subscriber of ours learns of both at once; every other one
 * sees a value and a completion.
 */
export function emitLast(subscriber: Subscriber<unknown>, value: unknown): void {
  const taking = subscriber as Partial<TakesLast>;
  if (taking.endWith !== undefined) {
    taking.endWith(value);
  } else {
    subscriber.next(value);
    subscriber.complete();
  }
}

/** A promise ends with its value. Nobody gets one that comes too late: a `Response` is cancelled then. */
export function settleInto(subscriber: Subscriber<unknown>, promise: PromiseLike<unknown>, ended: () => void = () => undefined): void {
  promise.then(
    (value) => {
      ended();
      if (subscriber.closed) discard(value);
      else emitLast(subscriber, value);
    },
    (error: unknown) => {
      ended();
      subscriber.error(error);
    },
  );
}

/** What a `Hearing` tells. */
export interface Hearer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
  /** A value with which the source ends. */
  last(value: unknown): void;
}

/** An observer that is told of a last value as such, so that it can tell others. */
export class Hearing extends Subscriber<unknown> implements TakesLast {
  constructor(private readonly hearer: Hearer) {
    super();
  }

  endWith(value: unknown): void {
    if (this.isStopped) {
      discard(value);
      return;
    }
    this.isStopped = true;
    try {
      this.hearer.last(value);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _next(value: unknown): void {
    this.hearer.next(value);
  }

  protected override _error(error: unknown): void {
    try {
      this.hearer.error(error);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _complete(): void {
    try {
      this.hearer.complete();
    } finally {
      this.unsubscribe();
    }
  }
}
