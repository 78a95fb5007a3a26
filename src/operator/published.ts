import { Observable } from 'rxjs';
import { inItsZone, type StreamObserver } from './async-resource.js';
import { whileTelling } from './settling.js';
import { inRootContext } from './shared.js';

interface Listener<T> {
  readonly subscriber: StreamObserver<T>;
  /** Values up to this number were there when it came. */
  from: number;
}

/**
 * A value as a stream: the present one synchronously, then each change, distinct and serialised (a listener that causes
 * a change does not make the next listener see the two out of order). It never errors and completes on `complete`.
 */
export class Published<T> {
  readonly stream: Observable<T>;
  private readonly listeners: Set<Listener<T>> = new Set();
  private queue: T[] = [];
  private draining = false;
  private sequence = 0;
  private last: T | undefined = undefined;
  private done = false;

  constructor(
    /** The value at this moment. */
    private readonly read: () => T,
    private readonly same: (a: T, b: T) => boolean,
    /** Told with each listener, and when nobody listens any more. */
    private readonly observed: (listening: boolean) => void,
  ) {
    this.stream = new Observable((subscriber) => this.subscribe(inItsZone(subscriber)));
  }

  get isObserved(): boolean {
    return this.listeners.size > 0;
  }

  /** Publishes the present value where it differs from the last one. */
  push(): void {
    if (this.listeners.size === 0) return;
    const value = this.read();
    if (this.same(value, this.last as T)) return;
    this.last = value;
    this.sequence++;
    this.queue.push(value);
    if (!this.draining) inRootContext(() => whileTelling(() => this.drain()), undefined);
  }

  complete(): void {
    if (this.done) return;
    this.push();
    this.last = this.read();
    this.done = true;
    // Where a listener has caused this, the others first get what is still to come.
    if (!this.draining) this.end();
  }

  private end(): void {
    const listeners = [...this.listeners];
    this.listeners.clear();
    if (listeners.length > 0) this.observed(false);
    for (const { subscriber } of listeners) inRootContext(() => subscriber.complete(), undefined);
  }

  private subscribe(subscriber: StreamObserver<T>): (() => void) | undefined {
    if (this.done) {
      subscriber.next(this.last as T);
      subscriber.complete();
      return undefined;
    }
    if (this.listeners.size === 0) this.last = this.read();
    else this.push();
    const listener = { subscriber, from: Infinity };
    this.listeners.add(listener);
    this.observed(true);
    const value = this.last as T;
    listener.from = this.sequence;
    inRootContext(() => subscriber.next(value), undefined);
    return () => {
      if (this.listeners.delete(listener) && this.listeners.size === 0) this.observed(false);
    };
  }

  private drain(): void {
    this.draining = true;
    try {
      while (this.queue.length > 0) {
        const value = this.queue.shift()!;
        const number = this.sequence - this.queue.length;
        for (const { subscriber, from } of [...this.listeners]) if (number > from) subscriber.next(value);
      }
    } finally {
      this.draining = false;
    }
    if (this.done) this.end();
  }
}

/** The value that a stream replays, as those of this library do that are a value. */
export function presentOf<T>(stream: Observable<T>): T {
  let present!: T;
  stream.subscribe((value) => (present = value)).unsubscribe();
  return present;
}
