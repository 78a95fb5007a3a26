import fastify from 'fastify';
import { attempt, currentContext, withDeadline } from 'rxjs-resilience';
import { deadlinePlugin, resilienceErrorsPlugin } from 'rxjs-resilience/node';
import { firstValueFrom } from 'rxjs';

export const app = fastify();

await app.register(resilienceErrorsPlugin);
await app.register(deadlinePlugin, { maximum: 10_000, fallback: 5_000 });

app.get('/stock/:id', async () => {
  const load = attempt(async () => ({ left: 3, msLeft: currentContext().deadline?.remaining() }));
  return firstValueFrom(load.pipe(withDeadline()));
});
