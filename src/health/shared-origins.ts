import { type Observable, Subject, Subscription } from 'rxjs';

/**
 * Parts may be derived from one `Subject` of the user's, which tells them one after the other. It is listened to before
 * and after them, so that what it changes is told once and as a whole. (Streams of this library do so by themselves,
 * and of other origins it is not known how many subscriptions see the same value.)
 */
export class SharedOrigins {
  private subscription: Subscription = Subscription.EMPTY;
  /** So many of them are telling at this moment. */
  private telling = 0;
  private heldBack = false;

  constructor(private readonly changed: () => void) {}

  /** `listen` subscribes the parts. */
  follow(sources: readonly Observable<unknown>[], listen: () => void): void {
    const subscription = (this.subscription = new Subscription());
    this.telling = 0;
    this.heldBack = false;
    const around = sharedBehind(sources).map((subject) => ({ subject, depth: 0 }));
    const closing = (one: { depth: number }, all: boolean): void => {
      const ended = all ? one.depth : Math.min(1, one.depth);
      one.depth -= ended;
      this.telling -= ended;
      if (ended === 0 || this.telling > 0 || !this.heldBack) return;
      this.heldBack = false;
      this.changed();
    };
    let started = false;
    for (const one of around) {
      const opening = (): void => {
        // What a subject replays is over when the parts have been subscribed.
        if (!started) return;
        one.depth++;
        this.telling++;
      };
      subscription.add(one.subject.subscribe({ next: opening, error: () => undefined }));
    }
    listen();
    started = true;
    for (const one of around) {
      const end = (): void => closing(one, true);
      subscription.add(one.subject.subscribe({ next: () => closing(one, false), error: end, complete: end }));
    }
  }

  leave(): void {
    this.subscription.unsubscribe();
  }

  /** Whether the change is told later. */
  holdBack(): boolean {
    if (this.telling === 0) return false;
    this.heldBack = true;
    return true;
  }
}

function sharedBehind(sources: readonly Observable<unknown>[]): readonly Subject<unknown>[] {
  const [seen, twice] = [new Set<unknown>(), new Set<Subject<unknown>>()];
  for (const source of sources) {
    const origin = subjectBehind(source);
    if (origin !== undefined && seen.has(origin)) twice.add(origin);
    seen.add(origin);
  }
  return [...twice];
}

/** The subject that a chain of operators begins with. RxJS 7 keeps the source in every observable that `pipe` returns. */
function subjectBehind(source: unknown): Subject<unknown> | undefined {
  let origin = source;
  for (let next = origin; next !== undefined && next !== null; next = (next as { readonly source?: unknown }).source) origin = next;
  return origin instanceof Subject ? (origin as Subject<unknown>) : undefined;
}
