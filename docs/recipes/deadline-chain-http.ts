import { createServer, type Server, type ServerResponse } from 'node:http';
import { attempt, grpcTimeout, withDeadline } from 'rxjs-resilience';
import { deadlineMiddleware } from 'rxjs-resilience/node';
import { defaultIfEmpty, defer, type Observable, take } from 'rxjs';
import { type Method, type Status, statusOf } from './deadline-chain.js';

/** A method over HTTP: its metadata are headers, and whoever leaves aborts the request. */
export function httpMethod(origin: string): Method<string, string> {
  return (message, metadata) =>
    attempt(async ({ signal }) => {
      const response = await fetch(`${origin}/?${new URLSearchParams({ message })}`, { headers: metadata, signal });
      if (response.ok) return response.text();
      await response.body?.cancel();
      const said = Number(response.headers.get('grpc-status') ?? (response.status === 504 ? 4 : 14));
      const pushback = response.headers.get('grpc-retry-pushback-ms');
      throw { code: said, metadata: pushback === null ? {} : { 'grpc-retry-pushback-ms': pushback } } satisfies Status;
    });
}

/** A service that answers it: the deadline comes from the header, and a caller that leaves cancels what is done for it. */
export function httpService(handle: (message: string) => Observable<string>): Server {
  const deadline = deadlineMiddleware({ accept: [grpcTimeout], maximum: 30_000 });
  return createServer((req, res) =>
    deadline(req, res, () => {
      const answer = defer(() => handle(new URL(req.url ?? '/', 'http://here').searchParams.get('message') ?? ''));
      const once = answer.pipe(withDeadline(), take(1), defaultIfEmpty(''));
      once.subscribe({ next: (text) => res.end(text), error: (error) => fail(res, error) });
    }),
  );
}

function fail(res: ServerResponse, error: unknown): void {
  const { code, metadata } = statusOf(error);
  const status = code === 4 ? 504 : code === 14 ? 503 : 500;
  if (!res.headersSent) res.writeHead(status, { ...metadata, 'grpc-status': String(code) });
  res.end();
}
