import fastify from 'fastify';
import { firstValueFrom, of } from 'rxjs';
import { circuitBreaker, healthBoard, policyRegistry } from 'rxjs-resilience';
import { healthPlugin, resilienceErrorsPlugin } from 'rxjs-resilience/node';

const registry = policyRegistry();
export const payments = registry.register(circuitBreaker({ name: 'payments', required: true }));
const board = healthBoard({ ready: { payments } });

export const app = fastify();

// Both cover the whole application. `prefix` is the whole path.
await app.register(resilienceErrorsPlugin);
await app.register(healthPlugin, {
  board,
  registry,
  prefix: '/health',
  dashboard: true,
  control: true,
  allowedHosts: ['ops.example'],
  // `action` is set where a policy is to be isolated, released or reset.
  authorize: async (req, action) => {
    const role = await roleOf(req.headers.authorization);
    return role === 'operator' || (role === 'viewer' && action === undefined);
  },
});

app.get('/pay', () => firstValueFrom(of('paid').pipe(payments)));

async function roleOf(authorization: string | undefined): Promise<string | undefined> {
  const roles = new Map([['Bearer one', 'operator'], ['Bearer two', 'viewer']]);
  return roles.get(authorization ?? '');
}
