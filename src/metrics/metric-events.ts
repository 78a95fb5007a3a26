import { Subscription } from 'rxjs';
import type { BulkheadEvent } from '../bulkhead/bulkhead-events.js';
import type { BreakerEvent } from '../circuit-breaker/breaker-events.js';
import type { Policy } from '../operator/policy-types.js';
import type { RetryEvent } from '../retry/retry-events.js';
import type { MetricGroup } from './metric-group.js';
import { attemptOf, causeOf, type Causes } from './metric-labels.js';

/** Told of the seconds that a call through a breaker took, or waited for the permit of a bulkhead. */
export type Took = (seconds: number) => void;

/** Listens to a policy for what its counters do not have. Only a breaker's and a bulkhead's make events of every call. */
export function listenTo(policy: Policy, group: MetricGroup, causes: Causes, took: Took | undefined): Subscription {
  if (policy.kind === 'retry') {
    return (policy as Policy<RetryEvent>).events$.subscribe((event) => noteRetry(event, group, causes));
  }
  if (took === undefined) return Subscription.EMPTY;
  if (policy.kind === 'circuitBreaker') {
    return (policy as Policy<BreakerEvent>).events$.subscribe((event) => {
      if (event.type === 'succeeded' || event.type === 'failed') took(event.duration / 1_000);
    });
  }
  if (policy.kind === 'bulkhead') {
    return (policy as Policy<BulkheadEvent>).events$.subscribe((event) => {
      if (event.type === 'started') took(event.waited / 1_000);
    });
  }
  return Subscription.EMPTY;
}

function noteRetry(event: RetryEvent, group: MetricGroup, causes: Causes): void {
  if (event.type === 'recovered') {
    group.noteRetry({ result: 'recovered', cause: 'none', attempt: attemptOf(event.attempts) });
  } else if (event.type !== 'reset') {
    const attempt = event.type === 'scheduled' ? event.attempt : event.attempts;
    group.noteRetry({ result: event.type, cause: causes.bounded(causeOfRetry(event)), attempt: attemptOf(attempt) });
  }
}

/** The error, or the value that was not good enough. */
export function causeOfRetry(event: { readonly error?: unknown; readonly value?: unknown }): string {
  if ('error' in event) return causeOf(event.error);
  const cause = causeOf(event.value);
  return /^\dxx$/.test(cause) ? cause : 'value';
}
