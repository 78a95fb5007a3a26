import { abandon } from './abandon.js';
import { asRedirected } from './like-response.js';
import type { OutgoingRequest } from './outgoing-request.js';

const redirects = [301, 302, 303, 307, 308];

/** What a server of one origin is told and one of another is not. */
const secrets = ['authorization', 'proxy-authorization', 'cookie', 'host'];
/** What is said of a body, and of none. */
const ofBodies = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];

/** Whether it says where to go on. */
export function isRedirect({ headers, status }: Response): boolean {
  return redirects.includes(status) && headers.has('location');
}

type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/**
 * Goes where the answer to `request` says, as the Fetch standard has it (HTTP-redirect fetch): the platform does it from
 * there on. Only what the caller has given goes along, and nothing that was added to the first request.
 */
export async function followRedirect(fetch: Fetch, request: OutgoingRequest, answer: Response, signal: AbortSignal): Promise<Response> {
  const { shown, url: from } = request;
  const to = locationOf(answer, from);
  const { status } = answer;
  abandon(answer);
  const becomesGet = status === 303 ? !['GET', 'HEAD'].includes(shown.method) : status <= 302 && shown.method === 'POST';
  const headers = request.headers();
  if (becomesGet) for (const name of ofBodies) headers.delete(name);
  if (to.origin !== from.origin) for (const name of secrets) headers.delete(name);
  const init = request.elsewhere(signal, !becomesGet);
  return asRedirected(await fetch(to.href, { ...init, headers, method: becomesGet ? 'GET' : shown.method }));
}

function locationOf({ headers }: Response, from: URL): URL {
  const to = URL.canParse(headers.get('location')!, from) ? new URL(headers.get('location')!, from) : undefined;
  if (to?.protocol === 'http:' || to?.protocol === 'https:') return to;
  throw new TypeError('fetch failed', { cause: new Error('a redirect goes to what is no address of the web') });
}
