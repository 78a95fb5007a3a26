import { httpStatusOf } from '../core/http-status.js';
import { read } from '../core/read.js';

/** Whether this device is connected, as its browser says. */
export interface Network {
  isOffline(): boolean;
  /** Calls `go` once, when it is connected again, unless what it returns is called before. */
  onceOnline(go: () => void): () => void;
}

/** Of a document in a browser; undefined where nothing says whether there is one. */
export function networkOf(document: Document | null): Network | undefined {
  const view = document?.defaultView;
  if (typeof view?.navigator?.onLine !== 'boolean') return undefined;
  return {
    isOffline: () => !view.navigator.onLine,
    onceOnline: (go) => {
      view.addEventListener('online', go, { once: true });
      return () => view.removeEventListener('online', go);
    },
  };
}

/** Nothing has answered: a browser says 0, the service worker of Angular 504. */
export function isUnanswered(error: unknown): boolean {
  const status = httpStatusOf(error);
  return (status === 0 || status === 504) && read(error, 'name') === 'HttpErrorResponse';
}
