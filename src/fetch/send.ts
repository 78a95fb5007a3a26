import { currentContext } from '../operator/context.js';
import { outgoingHeaders } from '../wire/outgoing-headers.js';
import type { FetchSetup } from './fetch-options.js';
import { followRedirect, isRedirect } from './follow-redirect.js';
import { isWeb, type OutgoingRequest } from './outgoing-request.js';

/**
 * One try. Where the context of the call goes along in headers, a redirect is looked at before it is followed: the
 * platform would send them on to whatever address an answer names.
 */
export async function send({ codec, fetch, propagates }: FetchSetup, request: OutgoingRequest, signal: AbortSignal): Promise<Response> {
  const { url } = request;
  const headers = isWeb(url) && propagates(url) ? withContext(request, outgoingHeaders(currentContext(), { codec })) : undefined;
  const follows = request.redirect === 'follow';
  const [input, init] = request.toSend(signal, request.isIdempotent || (headers !== undefined && follows));
  if (headers === undefined || (follows && !canStop(request))) return fetch(input, init);
  if (!follows) return fetch(input, { ...init, headers });

  const answer = await fetch(input, { ...init, headers, redirect: 'manual' });
  if (answer.type !== 'opaqueredirect') return isRedirect(answer) ? followRedirect(fetch, request, answer, signal) : answer;
  // A browser says neither where to nor anything else: it has to go the whole way itself, from the start.
  return fetch(...request.toSend(signal, false));
}

/** Undefined where there is nothing to add to what the request says itself. */
function withContext(request: OutgoingRequest, context: Record<string, string>): Headers | undefined {
  const headers = request.headers();
  const added = Object.entries(context).filter(([name]) => !headers.has(name));
  for (const [name, value] of added) headers.set(name, value);
  return added.length === 0 ? undefined : headers;
}

/** In a browser a request can only be made anew from a redirect, which nobody does with one that changes something. */
function canStop({ canStop, shown }: OutgoingRequest): boolean {
  const isBrowser = (globalThis as { location?: unknown }).location !== undefined;
  return canStop && (!isBrowser || shown.method === 'GET' || shown.method === 'HEAD');
}
