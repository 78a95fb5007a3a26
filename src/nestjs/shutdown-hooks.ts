import type { HttpAdapterHost } from '@nestjs/core';
import { shutdownWaits } from '../node/shutdown-waits.js';

/** Resolves when every `shutdownOnSignal` that has heard a signal has begun to close its server. */
export async function waitsOver(): Promise<void> {
  await Promise.all(shutdownWaits());
}

interface Adapter {
  beforeClose?(): unknown;
}

/**
 * Lets an application serve the wait of `shutdownOnSignal` where `enableShutdownHooks` closes it on the same signal. Nest
 * asks this of its server before any hook of a provider runs, so that nothing is destroyed that requests need. A Nest that
 * does not ask comes to `beforeApplicationShutdown`.
 */
export function closeAfterWaits({ httpAdapter }: HttpAdapterHost): void {
  // Without a server of HTTP there is none here either.
  const adapter = httpAdapter as unknown as Adapter | null;
  if (adapter == null) return;
  const { beforeClose } = adapter;
  adapter.beforeClose = async () => {
    await waitsOver();
    await beforeClose?.call(adapter);
  };
}
