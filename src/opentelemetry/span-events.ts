import { type Attributes, trace } from '@opentelemetry/api';
import type { Subscription } from 'rxjs';
import type { PolicyEvent } from '../operator/policy-types.js';
import { causeOfRetry } from '../metrics/metric-events.js';
import { causeOf, labelOf } from '../metrics/metric-labels.js';
import type { PolicyRegistry } from '../registry/registry-types.js';

interface SpanEvent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What happens to a call, on the span that is active where it happens: its own. */
export function addSpanEvents(registry: PolicyRegistry): Subscription {
  return registry.events$.subscribe((event) => {
    const span = trace.getActiveSpan();
    if (span?.isRecording() !== true) return;
    const told = spanEventOf(event);
    if (told !== undefined) span.addEvent(told.name, attributesOf(event, told.attributes));
  });
}

function attributesOf(event: PolicyEvent, own: SpanEvent['attributes']): Attributes {
  const attributes: Attributes = { 'resilience.policy.name': labelOf(event.policy), 'resilience.policy.kind': event.kind };
  for (const [name, value] of Object.entries(own)) {
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
      attributes[`resilience.${name}`] = value as string | boolean | number;
    }
  }
  return attributes;
}

/** Codes, states and figures, never what an error says. Times are seconds. */
function spanEventOf({ type, ...rest }: PolicyEvent): SpanEvent | undefined {
  const event = rest as unknown as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'scheduled': {
      const attributes = { attempt: event['attempt'], delay: seconds(event['delay']), cause: causeOfRetry(event) };
      return { name: 'resilience.retry', attributes };
    }
    case 'refused':
      return { name: 'resilience.refusal', attributes: { reason: event['reason'], retry_after: seconds(event['retryAfter']) } };
    case 'shed':
      return { name: 'resilience.refusal', attributes: { reason: event['reason'], priority: event['priority'] } };
    case 'expired': {
      const attributes = { budget: seconds(event['budget']), started: event['started'], stalled: event['stalled'] };
      return { name: 'resilience.expiry', attributes };
    }
    case 'opened':
      return { name: 'resilience.transition', attributes: { transition: type, cause: causeOf(event['cause']) } };
    case 'halfOpened':
    case 'closed':
    case 'isolated':
    case 'released':
    case 'reset':
      return { name: 'resilience.transition', attributes: { transition: type } };
    default:
      return undefined;
  }
}

function seconds(ms: unknown): number | undefined {
  return typeof ms === 'number' ? ms / 1_000 : undefined;
}
