import { webSocket } from 'rxjs/webSocket';
import { type Connect, type Message, readJson } from './live-stream.js';

/** A WebSocket that sends `{ id, data }` as JSON, and `{}` now and then as a heartbeat. */
export function webSocketMessages<T>(url: string): Connect<T> {
  return (after) => {
    const address = new URL(url);
    if (after !== undefined) address.searchParams.set('after', after);
    // A socket of its own for each connection. Leaving closes it.
    return webSocket<Message<T>>({ url: address.href, deserializer: (event: MessageEvent<unknown>) => read<T>(event.data) });
  };
}

function read<T>(text: unknown): Message<T> {
  const { id, data } = Object(readJson(text)) as { readonly id?: unknown; readonly data?: T };
  return { id: typeof id === 'string' ? id : undefined, data };
}
