import { asyncScheduler } from 'rxjs';
import { armedOutside } from '../operator/async-resource.js';
import { after } from '../operator/timer.js';

/** Bytes that are read of a body nobody wants, and milliseconds for that. */
const most = 64 * 1_024;
const patience = 1_000;

/**
 * Gives back the connection of an answer that nobody will read: what is left of a short body is read, so that the
 * connection can carry the next request; a long or slow one is cancelled, which closes it. A body that somebody is
 * reading is left alone. Never throws, and nobody has to wait for it.
 */
export function abandon(response: Response): void {
  const { body } = response;
  if (typeof body?.getReader !== 'function' || body.locked) return;
  void drain(body.getReader(), Number(response.headers?.get('content-length')) > most);
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>, isLong: boolean): Promise<void> {
  const cancel = (): Promise<void> => reader.cancel().catch(() => {});
  if (isLong) return cancel();
  const timer = armedOutside(() => after(asyncScheduler, patience, () => void cancel()));
  try {
    for (let read = 0; read <= most; ) {
      const { done, value } = await reader.read();
      if (done) return;
      read += value?.byteLength ?? most;
    }
    await cancel();
  } catch {
    // It has failed by itself.
  } finally {
    timer.unsubscribe();
  }
}
