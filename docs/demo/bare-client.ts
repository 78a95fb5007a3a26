import { Agent } from 'node:http';
import type { Client, ClientStatus, Urls } from './client.ts';
import { places } from './places.ts';
import { get } from './request.ts';
import type { BackendName, Scenario } from './scenario.ts';

/**
 * What services do that nobody has protected: a place for each call from what all calls share, one request, and a
 * timeout so generous that it never hurt. It does not notice that its caller has left.
 */
export function bareClient(urls: Urls, { places: size, bareTimeout }: Scenario): Client {
  const shared = places(size);
  const agent = new Agent({ keepAlive: false });
  const running = new Set<AbortController>();
  const inFlight: Record<BackendName, number> = { payments: 0, inventory: 0 };
  const queued: Record<BackendName, number> = { payments: 0, inventory: 0 };

  async function request(backend: BackendName): Promise<void> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error('timeout')), bareTimeout);
    running.add(controller);
    inFlight[backend]++;
    try {
      await get(urls[backend], agent, controller.signal);
    } finally {
      inFlight[backend]--;
      running.delete(controller);
      clearTimeout(timer);
    }
  }

  return {
    async call(backend) {
      queued[backend]++;
      await shared.take().finally(() => queued[backend]--);
      try {
        await request(backend);
        return 'answer';
      } finally {
        shared.give();
      }
    },
    status: (backend): ClientStatus => ({
      inFlight: inFlight[backend],
      queued: queued[backend],
      refused: { open: 0, full: 0, shed: 0 },
      circuit: undefined,
    }),
    close() {
      shared.close();
      for (const controller of running) controller.abort(new Error('closed'));
      agent.destroy();
    },
  };
}
