import { withoutCredentials } from '../core/credentials.js';

/** What stands for one thing among many: digits, UUIDs and other long names. */
const id = /^(\d+|[\da-f]{32}|.{33,})$/i;

/**
 * What stands for no resource: `api`, a version such as `v1` or `2.1`, and a locale such as `en`, `de-CH` or `zh_Hans`. It
 * stays in the key: a version or a language may be served by another service.
 */
const entrance = /^(api|rest|v\d{1,4}([._-]\d{1,4})*([a-z]{1,9}\d{0,4})?|\d{1,4}(\.\d{1,4})+)$/i;
const locale = /^([a-z]{2}|[a-z]{2,3}([-_](hans|hant|latn|cyrl|arab))?[-_]([a-z]{2}|\d{3})|[a-z]{2,3}[-_](hans|hant|latn|cyrl|arab))$/i;

/** How many segments tell one resource from another, if the last of them stands for a resource. */
const least = 2;

/** A URL as a browser reads it, or undefined for what it cannot read. */
export function resolved(url: string, base: string | undefined): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/**
 * Origin and the first two segments of the path that are no ids: every order has the key `https://api.example/orders`. Where
 * the second stands for no resource, further ones, up to the first that does: `https://api.example/api/v1/orders`. Without
 * an origin to resolve it against, the path alone.
 */
export function defaultKey(url: string, base: string | undefined): string {
  const { origin, pathname } = resolved(url, base) ?? { origin: '', pathname: withoutCredentials(url.replace(/[?#].*$/s, '')) };
  const segments: string[] = [];
  for (const segment of pathname.split('/')) {
    if (segment === '' || id.test(segment)) continue;
    segments.push(segment);
    if (segments.length >= least && !entrance.test(segment) && !locale.test(segment)) break;
  }
  return `${origin}/${segments.join('/')}`;
}

/** What a browser resolves the relative addresses of a page against: its `<base>`, else its own address. */
export function baseOf(page: Document | null): string | undefined {
  if (page === null) return undefined;
  const href = page.location?.href;
  try {
    return page.baseURI ?? href;
  } catch {
    // The document in which Angular renders on a server has no such property yet, and says so by an error.
    return resolved(page.querySelector('base')?.getAttribute('href') ?? '', href)?.href;
  }
}

/** Whether a URL is of the origin of the page itself, wherever its `<base>` is. An opaque origin is nobody's. */
export function isOwnOrigin({ origin }: URL, page: Document | null): boolean {
  return origin !== 'null' && origin === resolved(page?.location?.href ?? '', undefined)?.origin;
}
