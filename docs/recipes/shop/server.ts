import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { healthBoard, policyRegistry } from 'rxjs-resilience';
import { healthHandler } from 'rxjs-resilience/node';
import { shopApp } from './app.ts';
import { fileJournal } from './file-journal.ts';
import { httpBackends, type Urls } from './http-backends.ts';
import { makeShop, type Shop, type ShopSettings } from './shop.ts';

export interface ServerSettings extends ShopSettings {
  readonly urls: Urls;
  /** File of the journal. */
  readonly journal: string;
  /** Default: one that is free. */
  readonly port?: number | undefined;
}

export interface ShopServer {
  readonly url: string;
  readonly shop: Shop;
  /** Lets the requests end that it has, then everything else. */
  close(): Promise<void>;
  /** Ends everything at once, as if the process had died: what was under way is not finished, nor told to anybody. */
  crash(): Promise<void>;
}

/** The shop as a process has it: with a journal in a file, a worker, and health endpoints beside its routes. */
export async function startServer({ urls, journal: path, port = 0, ...settings }: ServerSettings): Promise<ShopServer> {
  const journal = await fileJournal(path);
  const shop = makeShop(httpBackends(urls), journal, settings);
  shop.work();

  const registry = policyRegistry();
  for (const pipeline of Object.values(shop.policies)) registry.register(pipeline);
  const { payments, inventory, notification } = shop.policies;
  // Without payments the shop takes orders, and without the others it shows less. None of them makes it useless.
  const board = healthBoard({ ready: { payments, inventory, notification } });
  const health = healthHandler(board, {
    ...{ registry, details: isLocal, policies: true, dashboard: true },
    authorize: isLocal,
    allowedHosts: ['127.0.0.1', 'localhost'],
  });
  const app = shopApp({ ...shop, random: settings.random });
  const server = createServer((req, res) => health(req, res, () => app(req, res)));

  const closed = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  const stop = async (): Promise<void> => {
    shop.stop();
    health.dispose();
    board.dispose();
    registry.dispose();
    await journal.close();
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => void stop().then(() => reject(error)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shop,
    async close() {
      await closed();
      await stop();
    },
    async crash() {
      const done = closed();
      server.closeAllConnections();
      await Promise.all([stop(), done]);
    },
  };
}

/** For a demo. In a service: whatever tells your operators from everybody else. */
function isLocal({ socket }: IncomingMessage): boolean {
  return ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(socket.remoteAddress ?? '');
}
