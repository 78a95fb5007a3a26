import axios from 'axios';
import { asyncScheduler, firstValueFrom } from 'rxjs';
import { attempt, currentContext, Deadline, encodePriority, grpcTimeout, outgoingHeaders, runInContext } from 'rxjs-resilience';

/** axios: the headers of this try, and its signal. */
export const stockOf = (url: string) =>
  attempt(({ signal }) => axios.get<{ left: number }>(url, { signal, headers: outgoingHeaders() }));

/** What speaks gRPC over HTTP by itself reads `grpc-timeout`. */
export const overHttp = (url: string) =>
  attempt(({ signal }) => fetch(url, { signal, headers: outgoingHeaders(currentContext(), { codec: grpcTimeout, reserve: 20 }) }));

/** What of `@grpc/grpc-js` is used here. */
interface Metadata {
  set(name: string, value: string): void;
}

/** A client of gRPC writes the header itself: it is told the instant. The rest goes into the metadata. */
export function grpcOptions(metadata: Metadata): { deadline?: number } {
  const { deadline, priority } = currentContext();
  if (priority !== undefined) metadata.set('priority', encodePriority(priority));
  return deadline === undefined ? {} : { deadline: asyncScheduler.now() + Math.max(0, deadline.remaining() - 5) };
}

/** On the other side `getDeadline()` of a call is a date, a number, or infinite where there is none. */
export function serveGrpc<R>(getDeadline: () => Date | number, work: () => Promise<R>): Promise<R> {
  const at = Number(getDeadline());
  const longest = Deadline.after(60_000);
  // The caller chose it: its expiry counts against nobody.
  const asked = Number.isFinite(at) ? Deadline.at(at, { trusted: false }) : longest;
  const deadline = asked.child({ cap: longest.remaining() });
  return runInContext({ deadline }, work);
}

export const left = async (url: string): Promise<number> => (await firstValueFrom(stockOf(url))).data.left;
