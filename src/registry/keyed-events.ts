import { Observable, Subject } from 'rxjs';
import type { PolicyEvent } from '../operator/policy-types.js';
import { inRootContext } from '../operator/shared.js';
import type { KeyedEntry } from './keyed-entry.js';

/** The events of all keys as one stream: the policies make them only while somebody listens to it. */
export class KeyedEvents {
  readonly stream: Observable<PolicyEvent>;
  private readonly subject: Subject<PolicyEvent> = new Subject();
  private listeners = 0;

  constructor(entries: () => readonly KeyedEntry[]) {
    this.stream = new Observable((subscriber) => {
      const subscription = this.subject.subscribe(subscriber);
      if (this.listeners++ === 0) for (const entry of entries()) this.attach(entry);
      subscription.add(() => {
        if (--this.listeners === 0) for (const entry of entries()) detach(entry);
      });
      return subscription;
    });
  }

  /** One that is new, before any call of it. */
  add(entry: KeyedEntry): void {
    if (this.listeners > 0) this.attach(entry);
  }

  /** Events of our own, which are made only while somebody listens. */
  tell(make: () => PolicyEvent): void {
    if (this.subject.observed) inRootContext((event: PolicyEvent) => this.subject.next(event), make());
  }

  complete(): void {
    this.subject.complete();
  }

  private attach(entry: KeyedEntry): void {
    entry.events ??= entry.policy.events$.subscribe((event) => this.subject.next(event));
  }
}

export function detach(entry: KeyedEntry): void {
  entry.events?.unsubscribe();
  entry.events = undefined;
}
