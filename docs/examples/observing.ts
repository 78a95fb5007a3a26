import { bulkhead, circuitBreaker, describeEvent, type PolicyEvent, retryWithBackoff } from 'rxjs-resilience';
import { combineLatest, map, merge, type Observable } from 'rxjs';

const catalog = circuitBreaker({ name: 'catalog', required: true });
const pool = bulkhead(10, 20, { name: 'catalog pool' });
const retry = retryWithBackoff({ name: 'catalog retry' });

const events$: Observable<PolicyEvent> = merge(catalog.events$, pool.events$, retry.events$);
events$.subscribe((event) => console.log(describeEvent(event)));

/** The worst of them; what is required can be down, the others make the whole at most degraded. */
export const status$ = combineLatest([catalog.health$, pool.health$, retry.health$]).pipe(
  map((parts) => {
    if (parts.some(({ required, status }) => required && status === 'down')) return 'down';
    return parts.every(({ status }) => status === 'up') ? 'up' : 'degraded';
  }),
);

export const page = () => ({ catalog: catalog.metrics(), pool: pool.metrics(), retry: retry.metrics() });
