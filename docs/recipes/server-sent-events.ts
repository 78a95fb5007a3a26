import { type Connect, type Message, readJson } from './live-stream.js';

/** More than this without the end of a message is not read any further. */
const longest = 1_000_000;

/** A stream of server-sent events whose data are JSON; a comment (`: beat`) is a heartbeat. */
export function serverSentEvents<T>(url: string): Connect<T> {
  return (after, signal) => connection<T>(url, after, signal);
}

async function* connection<T>(url: string, after: string | undefined, signal: AbortSignal): AsyncGenerator<Message<T>> {
  const headers = { accept: 'text/event-stream', ...(after !== undefined && { 'last-event-id': after }) };
  const response = await fetch(url, { headers, signal, cache: 'no-store' });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw response; // its status says whether to come back, and its Retry-After when
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await next(reader); !part.done; part = await next(reader)) {
    text += part.value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop()!;
    yield* blocks.map((block) => read<T>(block));
    if (text.length <= longest) continue;
    await reader.cancel();
    throw new Error('a message without an end');
  }
}

/** Browsers report a connection that breaks off as a TypeError of many wordings: it is no bug of ours. */
function next(reader: ReadableStreamDefaultReader<string>) {
  return reader.read().catch((cause: unknown) => {
    throw new Error('the connection broke off', { cause });
  });
}

function read<T>(block: string): Message<T> {
  const lines = block.split(/\r?\n/);
  const field = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
  const data = field('data');
  // It goes back in a header.
  const id = field('id').find((given) => /^[\x21-\x7e]+$/.test(given));
  return { id, data: data.length === 0 ? undefined : (readJson(data.join('\n')) as T | undefined) };
}
