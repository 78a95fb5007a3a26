import { perKey, standardPipeline } from 'rxjs-resilience';

/** A tenant that floods us fills its own bulkhead, and no other. */
const perTenant = perKey((tenant) => standardPipeline({ name: tenant, bulkhead: { maxConcurrent: 5, queue: 10 } }), { maxKeys: 500 });

export const breakerOf = (tenant: string) => perTenant.get(tenant)?.parts.breaker?.state;
export const forTenant = (tenant: string) => perTenant(tenant);
