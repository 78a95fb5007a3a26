import { httpStatusOf } from '../core/http-status.js';
import { read } from '../core/read.js';
import type { PolicyEvent } from './policy-types.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * One line for a log: `catalog: try 1 of 4 failed (ECONNREFUSED), next in 1.23 s`. Of an error it shows the code, the
 * status or the name, never the message, which may hold what belongs to one user.
 */
export function describeEvent(event: PolicyEvent): string {
  return `${event.policy}: ${sentence(event.type, event as unknown as Fields)}`;
}

function sentence(type: string, event: Fields): string {
  switch (type) {
    case 'reset':
      return `reset${by(event)}`;
    case 'opened':
      return `circuit opened${about(event['cause'])}${duration(', for ', event['until'], event['at'])}`;
    case 'halfOpened':
      return 'circuit half-open, probing';
    case 'closed':
      return 'circuit closed';
    case 'isolated':
    case 'released':
      return `circuit ${type}${by(event)}`;
    case 'refused':
      return `call refused: ${String(event['reason'])}${time(', retry after ', event['retryAfter'])}`;
    case 'succeeded':
      return `call succeeded${time(' after ', event['duration'])}`;
    case 'failed':
      return 'cause' in event
        ? `fallback failed${about(event['error'])}, used for${about(event['cause'])}`
        : `call failed${about(event['error'])}${time(' after ', event['duration'])}`;
    case 'ignored':
      return `outcome ignored${about(event['error'])}`;
    case 'abandoned':
      return `caller left${time(' after ', event['after'])}`;
    case 'late':
      return 'late result of an earlier state';
    case 'scheduled':
      return `try ${String(event['attempt'])}${event['of'] === Infinity ? '' : ` of ${String(event['of'])}`} failed${reason(event)}${time(', next in ', event['delay'])}`;
    case 'recovered':
      return `recovered with try ${String(event['attempts'])}`;
    case 'exhausted':
      return `gave up after ${event['attempts'] === 1 ? '1 try' : `${String(event['attempts'])} tries`}: ${String(event['reason'])}${reason(event)}`;
    case 'queued':
      return 'call queued';
    case 'started':
      return `call started${time(' after a wait of ', event['waited'])}`;
    case 'left':
      return 'waiting call left';
    case 'expired':
      return event['started'] === false
        ? 'no time left to start'
        : `deadline of ${show(event['budget'])} exceeded${event['stalled'] === true ? ', the event loop stood still' : ''}`;
    case 'detachedEnd':
      return 'detached call ended';
    case 'used':
      return `fallback used${about(event['error'])}`;
    case 'admitted':
      return 'call admitted';
    case 'shed':
      return `call shed: ${String(event['reason'])}, priority ${String(event['priority'])}, limit ${String(event['limit'])}`;
    case 'limitChanged':
      return `limit is now ${String(event['limit'])}`;
    case 'heldClosed':
      return `circuit held closed: of ${String(event['keys'])} ${String(event['open'])} are not`;
    case 'overflow':
      return 'no place for a further key, served by the policy of all others';
    default:
      return type;
  }
}

function by({ caller }: Fields): string {
  return typeof caller === 'string' ? ` by ${caller}` : '';
}

/** Of a value only the status of a `Response` is shown. */
function reason({ error, value }: Fields): string {
  return error === undefined && httpStatusOf(value) !== undefined ? about(value) : about(error);
}

function about(error: unknown): string {
  if (error === undefined) return '';
  const facts = typeof error === 'object' ? error : undefined;
  const code = read(facts, 'code');
  const known = typeof code === 'string' ? code : (httpStatusOf(facts) ?? read(facts, 'name'));
  return typeof known === 'string' || typeof known === 'number' ? ` (${known})` : ` (${typeof error})`;
}

function duration(before: string, until: unknown, at: unknown): string {
  return typeof until === 'number' && typeof at === 'number' ? time(before, Math.max(0, until - at)) : '';
}

function time(before: string, ms: unknown): string {
  return typeof ms === 'number' && Number.isFinite(ms) ? `${before}${show(ms)}` : '';
}

function show(ms: unknown): string {
  if (typeof ms !== 'number') return String(ms);
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 10) / 100} s`;
}
