import express from 'express';
import { firstValueFrom, of } from 'rxjs';
import { bulkhead, healthBoard, policyRegistry } from 'rxjs-resilience';
import { healthHandler, resilienceErrors } from 'rxjs-resilience/node';

const opsKey = process.env['OPS_KEY'];
const registry = policyRegistry();
export const pool = registry.register(bulkhead(10, 20, { name: 'reports' }));
const board = healthBoard({ ready: { pool } });

export const app = express();

// Before whatever reads bodies, logs or asks who is there. Mounted, `req.url` is what is left of the path.
const health = healthHandler(board, {
  prefix: '',
  registry,
  details: (req) => opsKey !== undefined && req.headers['x-ops-key'] === opsKey,
});
app.use('/internal', health);

app.get('/reports', async (_req, res) => {
  res.send(await firstValueFrom(of('a report').pipe(pool)));
});

// After the routes: what is not of this library goes on to Express.
app.use(resilienceErrors());
