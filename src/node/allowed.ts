import type { IncomingMessage } from 'node:http';
import { firstValueFrom, from, map, race, type SchedulerLike, timer } from 'rxjs';
import type { AuthorizeRule, DetailsRule } from './handler-options.js';
import type { PolicyAction } from './routes.js';

/** Milliseconds that a rule for details may take: less than a probe waits, or liveness would depend on whom the rule asks. */
const detailsWithin = 500;

/** Whether the parts may be named. */
export async function showsDetails(rule: DetailsRule, req: IncomingMessage, scheduler: SchedulerLike): Promise<boolean> {
  if (typeof rule === 'boolean') return rule;
  const tooLate = timer(detailsWithin, scheduler).pipe(map(() => false));
  return firstValueFrom(race(from(isTrue(() => rule(req))), tooLate));
}

/** Whether the request may go on. */
export async function isAuthorized(rule: AuthorizeRule | undefined, req: IncomingMessage, action?: PolicyAction): Promise<boolean> {
  if (typeof rule !== 'function') return rule === 'public';
  return isTrue(() => (action === undefined ? rule(req) : rule(req, action)));
}

/** Nothing but true is true, and what throws is not. */
async function isTrue(ask: () => unknown): Promise<boolean> {
  try {
    return (await ask()) === true;
  } catch {
    return false;
  }
}

/** Whether `Host` is one of those that were named: a name that was bound to this address by somebody else is not. */
export function isAllowedHost(req: IncomingMessage, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true;
  const host = hostOf(req)?.toLowerCase();
  return host !== undefined && (allowed.includes(host) || allowed.includes(host.replace(/:\d+$/, '')));
}

/**
 * Whether the page that sent the request came from where it is sent to. A browser says where a page is from; whoever
 * says nothing is refused, too. Behind TLS of our own the page must have come by it; a proxy's cannot be seen.
 */
export function isSameOrigin(req: IncomingMessage): boolean {
  const { origin, 'sec-fetch-site': site } = req.headers;
  if (site !== undefined && site !== 'same-origin') return false;
  const host = hostOf(req);
  if (origin === undefined || host === undefined) return false;
  try {
    const from = new URL(origin);
    if (from.protocol !== 'https:' && ((req.socket as { encrypted?: boolean }).encrypted === true || from.protocol !== 'http:')) return false;
    return from.host === new URL(`${from.protocol}//${host}`).host && origin.toLowerCase() === from.origin;
  } catch {
    return false;
  }
}

function hostOf(req: IncomingMessage): string | undefined {
  const { host, ':authority': authority } = req.headers as { host?: string; ':authority'?: string };
  return host ?? authority;
}
