/** By key, so that every copy of this library in a process knows of the same ones. */
const waitsKey: unique symbol = Symbol.for('rxjs-resilience/v1/shutdown-waits') as never;

/**
 * The shutdowns that have heard a signal and have not closed their server yet. A framework that closes on the same signal
 * waits for them.
 */
export function shutdownWaits(): Set<Promise<void>> {
  const realm = globalThis as { [waitsKey]?: Set<Promise<void>> };
  return (realm[waitsKey] ??= new Set());
}

/** Begins one; what it returns ends it. */
export function beginWait(): () => void {
  const waits = shutdownWaits();
  let end!: () => void;
  const wait = new Promise<void>((resolve) => (end = resolve));
  waits.add(wait);
  return () => {
    waits.delete(wait);
    end();
  };
}

interface Closing {
  once?(event: 'close', listener: () => void): unknown;
}

/** Says that the wait came to nothing, where something else has closed the server first. */
export function warnWhenClosed(server: object, isWaiting: () => boolean): void {
  (server as Closing).once?.('close', () => {
    if (!isWaiting()) return;
    console.warn(
      'rxjs-resilience: the server was closed before the wait of shutdownOnSignal was over, so probes and requests were refused. ' +
        'Let nothing else close it on the same signal. With app.enableShutdownHooks() of NestJS import ResilienceModule, which waits.',
    );
  });
}
