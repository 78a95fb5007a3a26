import type { Observable } from 'rxjs';
import { withDeadline } from '../deadline/with-deadline.js';
import { limited } from '../operator/limited.js';
import { applied } from '../operator/policy.js';
import { callerSignal } from '../pipeline/caller-signal.js';
import { inOrder } from '../pipeline/in-order.js';
import type { PipelineParts } from '../pipeline/pipeline-options.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import type { CallSource } from './fetch-call.js';

type Operator = (source: Observable<unknown>) => Observable<unknown>;

/**
 * The parts of a pipeline around a call, in their own order. Between the deadline of the whole and the fallback stands
 * the call itself once more: what comes there is not tried again. Without a deadline of its own a pipeline keeps to that
 * of the context.
 */
export function throughPipeline({ name, parts }: ResiliencePipeline<unknown>, source: CallSource): Observable<unknown> {
  const { deadline = withDeadline({}, { name }), fallback, ...inner } = parts as PipelineParts;
  const { call } = source;
  const tries: Operator = limited(inOrder([...Object.values(inner), deadline]), call.limits);
  const past: Operator = (answers) => call.past(answers);
  return inOrder([tries, past, fallback, applied(callerSignal())])(source);
}
