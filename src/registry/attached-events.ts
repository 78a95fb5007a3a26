import { Observable, Subject, type Subscription } from 'rxjs';
import { inItsZone } from '../operator/async-resource.js';
import type { PolicyEvent } from '../operator/policy-types.js';
import { inRootContext } from '../operator/shared.js';

/** Whose events are heard while somebody listens to those of all. */
export interface Attached {
  readonly policy: { readonly events$: Observable<PolicyEvent> };
  events: Subscription | undefined;
}

/** The events of many as one stream: the policies make them only while somebody listens to it. */
export class AttachedEvents {
  readonly stream: Observable<PolicyEvent>;
  private readonly subject: Subject<PolicyEvent> = new Subject();
  private listeners = 0;

  constructor(all: () => Iterable<Attached>) {
    this.stream = new Observable((subscriber) => {
      const subscription = this.subject.subscribe(inItsZone(subscriber));
      if (this.listeners++ === 0) for (const one of all()) this.attach(one);
      subscription.add(() => {
        if (--this.listeners === 0) for (const one of all()) detach(one);
      });
      return subscription;
    });
  }

  /** One that is new, before any call of it. */
  add(one: Attached): void {
    if (this.listeners > 0) this.attach(one);
  }

  /** Events of our own, which are made only while somebody listens. */
  tell(make: () => PolicyEvent): void {
    if (this.subject.observed) inRootContext((event: PolicyEvent) => this.subject.next(event), make());
  }

  complete(): void {
    this.subject.complete();
  }

  private attach(one: Attached): void {
    one.events ??= one.policy.events$.subscribe((event) => this.subject.next(event));
  }
}

export function detach(one: Attached): void {
  one.events?.unsubscribe();
  one.events = undefined;
}
