import { describeEvent } from '../operator/describe-event.js';
import type { PolicyEvent } from '../operator/policy-types.js';
import { codeOf } from './health-view.js';
import type { EventMessage } from './stream-messages.js';

const encoder: TextEncoder = /*#__PURE__*/ new TextEncoder();

/** One server-sent event, as bytes that every client shares. */
export function message(event: 'health' | 'policies' | 'event', data: unknown, id?: string): Uint8Array {
  return encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** A line that is no event: it keeps proxies from closing what is silent. */
export const heartbeat: Uint8Array = /*#__PURE__*/ encoder.encode(': still here\n\n');

/** How long a browser waits before it comes back. */
export const opening: Uint8Array = /*#__PURE__*/ encoder.encode('retry: 2000\n\n');

/** A transition in words, of which an error adds its code or status at most. */
export function eventMessage(event: PolicyEvent): EventMessage {
  const { at, policy, kind, type } = event;
  return { at, policy, kind, type, text: describeEvent(withoutErrors(event)).slice(0, 300) };
}

function withoutErrors(event: PolicyEvent): PolicyEvent {
  const { cause, error } = event as { cause?: unknown; error?: unknown };
  return { ...event, ...('cause' in event && { cause: plain(cause) }), ...('error' in event && { error: plain(error) }) };
}

function plain(error: unknown): object | undefined {
  const code = codeOf(error);
  return code === undefined ? undefined : typeof code === 'string' ? { code } : { status: code };
}
