import { abandon } from './abandon.js';
import { asRedirected } from './like-response.js';
import { hasCredentials, isWeb, type OutgoingRequest } from './outgoing-request.js';

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
  const location = headers.get('location')!;
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to === undefined || !isWeb(to)) throw failed('URL scheme must be a HTTP(S) scheme');
  // The error with which `fetch` would refuse this address would show them.
  if (hasCredentials(to)) throw failed('cross origin not allowed for request mode "cors"');
  return to;
}

/** As the platform says it, so that the cause of both is read alike. */
function failed(why: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(why) });
}
