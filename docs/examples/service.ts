import { createServer } from 'node:http';
import { healthBoard, policyRegistry, standardPipeline } from 'rxjs-resilience';
import { healthHandler, shutdownOnSignal } from 'rxjs-resilience/node';

const registry = policyRegistry();
const catalog = registry.register(standardPipeline({ name: 'catalog', bulkhead: { maxConcurrent: 10, queue: 20 } }));

export const find = (id: string) => catalog.run(({ signal }) => fetch(`http://catalog/items/${id}`, { signal }));

// GET /health/live, /health/startup, /health/ready, and a page that shows the policies.
const board = healthBoard({ ready: { catalog } });
const session = process.env['OPS_SESSION']; // whatever tells your operators from everybody else
export const health = healthHandler(board, {
  registry,
  dashboard: true,
  authorize: ({ headers }) => session !== undefined && headers.cookie === `session=${session}`,
});

export const server = createServer((req, res) => health(req, res, () => res.end('items')));
export const shutdown = shutdownOnSignal(server, board); // readiness down, wait, close
