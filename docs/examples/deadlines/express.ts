import express from 'express';
import { attempt, loadShed, outgoingHeaders, runInContext, standardPipeline } from 'rxjs-resilience';
import { deadlineMiddleware, resilienceErrors } from 'rxjs-resilience/node';
import { firstValueFrom } from 'rxjs';

const stockUrl = process.env['STOCK_URL'] ?? 'http://127.0.0.1:9000';
const stock = standardPipeline({ name: 'stock' });

// What the route says of itself holds, unless the request asks for less.
const shed = loadShed(({ priority }) => priority ?? 'critical', { name: 'shop' });

/** One call to the next service: each try takes along what is left for it. */
const find = (id: string) =>
  attempt(async ({ signal }) => {
    const response = await fetch(`${stockUrl}/stock/${encodeURIComponent(id)}`, { signal, headers: outgoingHeaders() });
    if (!response.ok) throw response;
    return (await response.json()) as { readonly left: number };
  }).pipe(stock, shed);

export const app = express();

app.use('/export', (_req, _res, next) => runInContext({ priority: 'sheddable' }, next));

// Before whatever reads bodies. 5 seconds for those who say nothing, 10 for those who want more.
app.use(
  deadlineMiddleware({
    fallback: 5_000,
    maximum: 10_000,
    trustPriority: (req) => req.headers['x-mesh-key'] === process.env['MESH_KEY'],
  }),
);
app.use(express.json());

app.get(['/items/:id', '/export/:id'], async (req, res) => {
  // The context is still there after an `await`: the deadline ends the call, and so does a client that leaves.
  const { left } = await firstValueFrom(find(String(req.params['id'])));
  res.json({ left });
});

app.use(resilienceErrors());
