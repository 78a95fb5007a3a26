import { httpStatusOf } from '../core/http-status.js';
import { read } from '../core/read.js';

/** Whether this device is connected, as its browser says. */
export interface Network {
  isOffline(): boolean;
  /**
   * Calls `go` once, when it is connected again, or `giveUp` where nothing waits any more, unless what it returns is called
   * before.
   */
  onceOnline(go: () => void, giveUp: () => void): () => void;
  /** The application has ended: a listener of its window would keep it alive. */
  dispose(): void;
}

/** Of a document in a browser; undefined where nothing says whether there is one. */
export function networkOf(document: Document | null): Network | undefined {
  const view = document?.defaultView;
  if (typeof view?.navigator?.onLine !== 'boolean') return undefined;
  const leaving = new Set<() => void>();
  let isOver = false;
  return {
    isOffline: () => !view.navigator.onLine,
    onceOnline: (go, giveUp) => {
      const stop = (): void => {
        view.removeEventListener('online', arrive);
        leaving.delete(leave);
      };
      const arrive = (): void => (stop(), go());
      const leave = (): void => (stop(), giveUp());
      if (isOver) giveUp();
      else {
        view.addEventListener('online', arrive);
        leaving.add(leave);
      }
      return stop;
    },
    dispose: () => {
      isOver = true;
      for (const leave of leaving) leave();
    },
  };
}

/** Nothing has answered: a browser says 0, the service worker of Angular 504. */
export function isUnanswered(error: unknown): boolean {
  const status = httpStatusOf(error);
  return (status === 0 || status === 504) && read(error, 'name') === 'HttpErrorResponse';
}
