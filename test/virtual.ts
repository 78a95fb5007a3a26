import { type Observable, VirtualTimeScheduler } from 'rxjs';

/** A scheduler whose time passes when it is told to. */
export interface Virtual {
  readonly scheduler: VirtualTimeScheduler;
  readonly advance: (ms: number) => void;
}

export function virtual(): Virtual {
  const scheduler = new VirtualTimeScheduler();
  return {
    scheduler,
    advance: (ms) => {
      scheduler.maxFrames = scheduler.frame + ms;
      scheduler.schedule(() => undefined, ms);
      scheduler.flush();
    },
  };
}

/** What came of a subscription, as it comes. */
export function outcome(source: Observable<unknown>): { readonly log: readonly unknown[]; readonly leave: () => void } {
  const log: unknown[] = [];
  const subscription = source.subscribe({ next: (value) => log.push(value), error: (error) => log.push(error), complete: () => log.push('|') });
  return { log, leave: () => subscription.unsubscribe() };
}
