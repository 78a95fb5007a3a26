import { refusal } from '../core/options.js';

/** Where what we know of a call may go: origins such as `https://api.example`, or a predicate. */
export type Destinations = readonly string[] | ((url: URL) => boolean);

/**
 * Whether a URL is one of the destinations, by the origin that the platform reads from it: no comparison of texts tells
 * `https://app.example@evil.example` from `https://app.example`.
 *
 * @throws TypeError for what is neither a function nor a list of origins
 */
export function readDestinations(option: string, given: unknown): (url: URL) => boolean {
  if (typeof given === 'function') return (url) => Boolean((given as (url: URL) => unknown)(url));
  if (!Array.isArray(given)) throw refusal(option, 'a list of origins or a function', given);
  const origins = given.map((origin: unknown) => checkOrigin(option, origin));
  return ({ origin }) => origins.includes(origin);
}

/** Refuses what is more than an origin: a path that is written there would be taken for a limit, and be none. */
function checkOrigin(option: string, given: unknown): string {
  const url = typeof given === 'string' ? read(given) : undefined;
  if (url !== undefined && url.origin !== 'null') {
    const { hash, origin, password, pathname, search, username } = url;
    if (pathname === '/' && `${hash}${password}${search}${username}` === '') return origin;
  }
  throw refusal(option, "origins such as 'https://api.example'", given);
}

function read(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
