import express from 'express';
import { firstValueFrom, of } from 'rxjs';
import { bulkhead, policyRegistry } from 'rxjs-resilience';
import { activeCallsMiddleware, resilienceErrors } from 'rxjs-resilience/node';

const registry = policyRegistry();
export const pool = registry.register(bulkhead(10, 0, { name: 'reports' }));

export const app = express();
app.use(activeCallsMiddleware({ registry }));
app.get('/reports', async (_req, res) => {
  res.send(await firstValueFrom(of('a report').pipe(pool)));
});
// Its 503 of a full bulkhead carries the header too. Clients come back after two seconds.
app.use(resilienceErrors({ retryAfter: 2_000 }));
