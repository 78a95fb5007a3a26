import express, { type Express, type Request, type Response } from 'express';
import { firstValueFrom, type Observable } from 'rxjs';
import { withDeadline } from 'rxjs-resilience';
import { deadlineMiddleware, resilienceErrors } from 'rxjs-resilience/node';
import { type Order, type OrderStatus, readOrder } from './order.ts';
import type { Recommendations } from './recommendations.ts';
import type { ShownProfile } from './profile.ts';
import type { SearchResult } from './search.ts';

export interface Routes {
  readonly place: (order: Order) => Observable<OrderStatus>;
  readonly profile: (user: string) => Observable<ShownProfile>;
  readonly recommendations: (user: string) => Observable<Recommendations>;
  readonly search: (query: string) => Observable<SearchResult>;
  readonly random?: (() => number) | undefined;
}

const httpStatus: Readonly<Record<OrderStatus, number>> = {
  accepted: 201,
  queued: 202,
  declined: 402,
  sold_out: 409,
  key_reused: 422,
  retry_later: 503,
};

/** The shop over HTTP. */
export function shopApp({ place, profile, recommendations, search, random = Math.random }: Routes): Express {
  const app = express();
  app.disable('x-powered-by');

  // First of all: reading a body takes time, too. From here on every policy knows what the request has left.
  app.use(deadlineMiddleware({ maximum: 30_000, fallback: 20_000 }));

  app.post('/orders', express.json({ limit: '10kb' }), async (req, res) => {
    const user = userOf(req);
    const key = req.get('idempotency-key') ?? '';
    if (user === undefined) return void res.status(401).json({ error: 'X-User is missing' });
    if (!/^[\x21-\x7e]{1,128}$/.test(key)) return void res.status(400).json({ error: 'Idempotency-Key is missing, or not one word' });
    const order = readOrder(user, key, req.body);
    if (order === undefined) return void res.status(400).json({ error: 'item and quantity are not an order' });

    const status = await answer(place(order));
    // From 1 to 3 seconds: those who were sent away together shall not come back together.
    if (status === 'retry_later') res.set('Retry-After', String(1 + Math.floor(3 * random())));
    res.status(httpStatus[status]).json({ status });
  });

  app.get('/profile', async (req, res) => {
    const user = userOf(req);
    if (user === undefined) return void res.status(401).json({ error: 'X-User is missing' });
    res.json(await answer(profile(user)));
  });

  app.get('/recommendations', async (req, res) => {
    const user = userOf(req);
    if (user === undefined) return void res.status(401).json({ error: 'X-User is missing' });
    res.json(await answer(recommendations(user)));
  });

  app.get('/search', async (req, res) => {
    const { q } = req.query;
    if (typeof q !== 'string' || q.length > 100) return void res.status(400).json({ error: 'q is missing, or too long' });
    res.json(await answer(search(q)));
  });

  app.use(resilienceErrors());
  app.use(anyError);
  return app;
}

/** Until the request has no time left. */
function answer<T>(source: Observable<T>): Promise<T> {
  return firstValueFrom(source.pipe(withDeadline()));
}

/** Stands for whatever tells your users apart. A header that anybody can write does not. */
function userOf(req: Request): string | undefined {
  const user = req.get('x-user') ?? '';
  return /^[\w-]{1,64}$/.test(user) ? user : undefined;
}

/** What went wrong inside stays inside; what the request did wrong has a status of its own. */
function anyError(error: unknown, _req: Request, res: Response, next: (error: unknown) => void): void {
  if (res.headersSent) return next(error);
  const { status } = Object(error) as { status?: unknown };
  // A body that cannot be read. The status of a service behind us is not ours.
  const theirs = error instanceof Error && 'expose' in error && error.expose === true && typeof status === 'number';
  res.status(theirs ? status : 500).json({ error: theirs ? 'the request cannot be read' : 'something went wrong' });
}
