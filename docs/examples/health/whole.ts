import { bulkhead, circuitBreaker, combineHealth, healthCheck } from 'rxjs-resilience';

const search = circuitBreaker({ name: 'search', required: true });
const pool = bulkhead(10, 20, { name: 'search pool' });
const index = healthCheck('index', async () => {
  const lag = Number(await (await fetch('https://search.example/lag')).text());
  return { status: lag < 60 ? 'up' : 'degraded', details: { lag } };
});

/** Down with its breaker, degraded with its pool or its index. */
export const search$ = combineHealth({ search, pool, index }, { name: 'search', required: true });
