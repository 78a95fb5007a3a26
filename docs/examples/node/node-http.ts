import { createServer } from 'node:http';
import { firstValueFrom } from 'rxjs';
import { attempt, circuitBreaker, healthBoard, policyRegistry, withDeadline } from 'rxjs-resilience';
import { healthHandler, resilienceErrors, shutdownOnSignal } from 'rxjs-resilience/node';

const catalogUrl = process.env['CATALOG_URL'] ?? 'http://127.0.0.1:9000/';

export const registry = policyRegistry();
const catalog = registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 2, breakDuration: 1_000 }));
const limit = registry.register(withDeadline(2_000, { name: 'catalog' }));
const find = attempt(({ signal }) => fetch(catalogUrl, { signal }).then((res) => res.text())).pipe(limit, catalog);

export const board = healthBoard({ ready: { catalog } });
const health = healthHandler(board, { registry });
const failed = resilienceErrors();

export const server = createServer((req, res) => {
  health(req, res, () => {
    firstValueFrom(find).then(
      (text) => res.end(text),
      (error: unknown) => failed(error, req, res),
    );
  });
});
server.on('close', () => health.dispose());

export async function start(port: number): Promise<void> {
  server.listen(port);
  await shutdownOnSignal(server, board, { wait: 5_000, limit: 25_000 }).done;
  board.dispose();
}
