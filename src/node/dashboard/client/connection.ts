import type { EventMessage, HealthMessage, PoliciesMessage } from '../../stream-messages.js';

interface Messages {
  readonly health: HealthMessage;
  readonly policies: PoliciesMessage;
  readonly event: EventMessage;
}

export interface Listener {
  readonly opened: () => void;
  /** The stream has ended or was refused, and is asked for again. */
  readonly lost: () => void;
  readonly received: <K extends keyof Messages>(type: K, message: Messages[K]) => void;
}

/** Milliseconds before a stream that was refused is asked for again, at first and at most. */
const firstWait = 1_000;
const longestWait = 15_000;

/**
 * The stream beside the page. A browser comes back by itself when a connection breaks, and not when it was refused:
 * then this does.
 */
export function connect(listener: Listener): void {
  let wait = firstWait;

  function open(): void {
    const stream = new EventSource('stream');
    stream.addEventListener('open', () => {
      wait = firstWait;
      listener.opened();
    });
    stream.addEventListener('error', () => {
      listener.lost();
      if (stream.readyState !== EventSource.CLOSED) return;
      stream.close();
      setTimeout(open, wait);
      wait = Math.min(2 * wait, longestWait);
    });
    for (const type of ['health', 'policies', 'event'] as const) {
      stream.addEventListener(type, ({ data }: MessageEvent<string>) => listener.received(type, JSON.parse(data) as never));
    }
  }
  open();
}
