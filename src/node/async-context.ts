import { AsyncLocalStorage } from 'node:async_hooks';
import type { Frame } from '../operator/frame.js';
import { type Carrier, shared } from '../operator/shared.js';

class AsyncCarrier implements Carrier {
  private readonly storage: AsyncLocalStorage<Frame> = new AsyncLocalStorage();

  frame(): Frame | undefined {
    return this.storage.getStore();
  }

  run<R>(frame: Frame, work: () => R): R {
    return this.storage.run(frame, work);
  }
}

/** From now on contexts cross `await`, timers and microtasks. One carrier serves every copy of the library. */
export function carryContexts(): void {
  shared.carrier ??= new AsyncCarrier();
}
