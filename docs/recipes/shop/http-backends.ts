import { outgoingHeaders } from 'rxjs-resilience';
import type { Backends } from './backends.ts';

/** A service has answered, but with an error. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: number;
  /** Retries read `Retry-After` here. */
  readonly headers: Headers;

  constructor(service: string, { status, headers }: Response) {
    super(`${service} answered ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

export interface Urls {
  readonly inventory: string;
  readonly payments: string;
  readonly notification: string;
  readonly profiles: string;
  readonly recommendations: string;
  readonly ranking: string;
}

type Service = keyof Urls;

interface Sent {
  readonly signal: AbortSignal;
  /** POST, if there is one. */
  readonly body?: unknown;
  readonly key?: string;
}

/** The services over HTTP. Call these inside of `attempt`: they pass on the context of the call. */
export function httpBackends(urls: Urls): Backends {
  async function send(service: Service, path: string, { signal, body, key }: Sent): Promise<Response> {
    const response = await fetch(new URL(path, urls[service]), {
      signal,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        // How much time is left concerns our own services. The payment provider is somebody else.
        ...(service !== 'payments' && outgoingHeaders()),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    // What is not read would keep the connection from the next request.
    await response.body?.cancel();
    throw new StatusError(service, response);
  }

  const ask = async (service: Service, path: string, sent: Sent): Promise<Record<string, unknown>> =>
    Object(await (await send(service, path, sent)).json()) as Record<string, unknown>;

  return {
    async reserve({ id, item, quantity }, signal) {
      const { reserved } = await ask('inventory', '/reservations', { signal, key: id, body: { item, quantity } });
      return reserved === true ? 'reserved' : 'sold_out';
    },
    async charge({ id, user, amount }, signal) {
      const { status } = await ask('payments', '/charges', { signal, key: id, body: { user, amount } });
      if (status === 'charged' || status === 'declined') return status;
      // Whatever this is, it does not say that nothing was charged.
      throw new Error('payments gave no answer');
    },
    async notify({ id, user }, outcome, signal) {
      await ask('notification', '/messages', { signal, key: id, body: { user, outcome } });
    },
    async profile(user, signal) {
      const { name, currency } = await ask('profiles', `/profiles/${user}`, { signal });
      return { name: String(name), currency: String(currency) };
    },
    async recommend(user, signal) {
      const { items } = await ask('recommendations', `/recommendations/${user}`, { signal });
      return strings(items);
    },
    async rank(query, items, signal) {
      const ranked = strings((await ask('ranking', '/ranking', { signal, body: { query, items } }))['items']);
      return ranked.filter((id) => items.includes(id));
    },
  };
}

function strings(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value as string[];
  throw new Error('not a list');
}
