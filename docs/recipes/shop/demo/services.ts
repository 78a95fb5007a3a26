import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Urls } from '../http-backends.ts';
import { ProviderBooks } from './provider.ts';

/**
 * What a service is like. `failing` says 503; but the payment provider says so to every other request only, and does
 * the rest of them before their connection breaks. `hanging`: no answer ever comes, and the payment provider charges
 * all the same.
 */
export type Mood = 'healthy' | 'failing' | 'hanging';

export type Moods = Record<keyof Urls, Mood>;

export interface Services {
  readonly urls: Urls;
  readonly books: ProviderBooks;
  /** May be changed at any time. */
  readonly moods: Moods;
  /** Charges of which the shop has not heard when they were made. */
  readonly unheard: number;
  /** Messages that were sent to customers. */
  readonly messages: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

type Answer = (path: string, body: Record<string, unknown>, key: string) => unknown;

/** The services behind the shop: real servers on the loopback interface, each with a mood. */
export async function startServices(random: () => number): Promise<Services> {
  const books = new ProviderBooks();
  const moods: Moods = {
    inventory: 'healthy', payments: 'healthy', notification: 'healthy', profiles: 'healthy', recommendations: 'healthy', ranking: 'healthy',
  };
  const messages = new Map<string, number>();
  let unheard = 0;

  const charge = (key: string, amount: unknown): string => books.charge(key, Number(amount));
  const answers: Readonly<Record<keyof Urls, Answer>> = {
    inventory: () => ({ reserved: true }),
    payments: (_path, { amount }, key) => ({ status: charge(key, amount) }),
    notification: (_path, _body, key) => ({ sent: messages.set(key, (messages.get(key) ?? 0) + 1).get(key) }),
    profiles: (path) => ({ name: path.split('/').at(-1), currency: 'EUR' }),
    recommendations: () => ({ items: random() < 0.5 ? ['plant', 'lamp'] : ['mat', 'shelf'] }),
    ranking: (_path, { items }) => ({ items }),
  };

  const servers = new Map<keyof Urls, Server>();
  for (const name of Object.keys(answers) as (keyof Urls)[]) {
    const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
      const key = String(req.headers['idempotency-key']);
      const body = JSON.parse((await text(req)) || '{}') as Record<string, unknown>;
      const mood = moods[name];
      if (name === 'payments') books.asked(key);
      if (mood === 'hanging' || (mood === 'failing' && name === 'payments' && random() < 0.5)) {
        if (name === 'payments') unheard += Number(!books.charges.has(key) && charge(key, body['amount']) === 'charged');
        if (mood === 'failing') res.destroy();
        return;
      }
      const [status, answer] = mood === 'failing' ? [503, {}] : [200, answers[name](req.url ?? '', body, key)];
      const takes = (name === 'payments' ? 80 : 10) + 30 * random();
      setTimeout(() => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer)), takes);
    };
    const server = createServer((req, res) => void handle(req, res).catch(() => res.destroy()));
    servers.set(name, await listening(server));
  }
  return {
    urls: Object.fromEntries([...servers].map(([name, server]) => [name, `http://127.0.0.1:${(server.address() as AddressInfo).port}`])) as unknown as Urls,
    ...{ books, moods, messages },
    get unheard() {
      return unheard;
    },
    close: async () => void (await Promise.all([...servers.values()].map(closed))),
  };
}

function listening(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
