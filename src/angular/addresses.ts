/** What stands for one thing among many: digits, UUIDs and other long names. */
const id = /^(\d+|[\da-f]{32}|.{33,})$/i;

/** How many segments tell one resource from another. */
const most = 2;

/** A URL as a browser reads it, or undefined for what it cannot read. */
export function resolved(url: string, base: string | undefined): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/**
 * Origin and the first two segments of the path that are no ids: every order has the key
 * `https://api.example/orders`. Without an origin to resolve it against, the path alone.
 */
export function defaultKey(url: string, base: string | undefined): string {
  const { origin, pathname } = resolved(url, base) ?? { origin: '', pathname: url.replace(/[?#].*$/s, '') };
  const segments = pathname.split('/').filter((segment) => segment !== '' && !id.test(segment));
  return `${origin}/${segments.slice(0, most).join('/')}`;
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
