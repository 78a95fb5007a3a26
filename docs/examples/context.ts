import { attempt, currentContext, Deadline, runInContext, withDeadline } from 'rxjs-resilience';
import { firstValueFrom } from 'rxjs';

const load = (id: string) =>
  attempt(({ signal, attempt: number, tags }) => {
    const headers = { 'x-attempt': String(number), 'x-tenant': String(tags?.['tenant']) };
    return fetch(`/items/${id}`, { signal, headers });
  }).pipe(withDeadline()); // the deadline and the signal of the context

/** A request comes in with the time that its caller allows, and is over when that caller leaves. */
export const handle = (id: string, tenant: string, msLeft: number, left: AbortSignal) =>
  runInContext({ deadline: Deadline.after(msLeft), signal: left, priority: 'critical', tags: { tenant } }, () =>
    firstValueFrom(load(id)),
  );

console.log(currentContext()); // { attempt: 1 }
