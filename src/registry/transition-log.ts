import { Observable, Subject } from 'rxjs';
import { inItsZone } from '../operator/async-resource.js';
import type { PolicyEvent } from '../operator/policy-types.js';
import type { RegisteredTransition } from './registry-types.js';

/** The latest transitions in a ring, numbered, and those to come as a stream. */
export class TransitionLog {
  private readonly ring: RegisteredTransition[] = [];
  private readonly subject: Subject<RegisteredTransition> = new Subject();
  readonly stream: Observable<RegisteredTransition> = new Observable((subscriber) => this.subject.subscribe(inItsZone(subscriber)));
  private count = 0;

  constructor(private readonly size: number) {}

  add(event: PolicyEvent): void {
    const transition = { id: this.count + 1, event };
    if (this.size > 0) this.ring[this.count % this.size] = transition;
    this.count++;
    this.subject.next(transition);
  }

  /** The oldest first. */
  latest(): readonly RegisteredTransition[] {
    const oldest = this.count < this.size ? 0 : this.count % this.size;
    return [...this.ring.slice(oldest), ...this.ring.slice(0, oldest)];
  }

  complete(): void {
    this.subject.complete();
  }
}
