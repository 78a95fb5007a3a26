import { fromEvent } from 'rxjs';
import { retryWithBackoff } from 'rxjs-resilience';

/** Tries again as soon as the browser is back on the network. */
export const whenOnline = retryWithBackoff(() => fromEvent(window, 'online'), { maxRetries: 1 });
