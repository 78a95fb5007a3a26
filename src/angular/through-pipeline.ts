import type { Observable } from 'rxjs';
import type { Priority } from '../core/priority.js';
import { withDeadline } from '../deadline/with-deadline.js';
import { limited } from '../operator/limited.js';
import { meantSo } from '../operator/order-warning.js';
import { applied } from '../operator/policy.js';
import { type Stage, stage } from '../operator/stage.js';
import { callerSignal } from '../pipeline/caller-signal.js';
import { inOrder } from '../pipeline/in-order.js';
import type { PipelineParts } from '../pipeline/pipeline-options.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import type { Network } from './network.js';
import { whileOffline } from './while-offline.js';

type Operator = (source: Observable<unknown>) => Observable<unknown>;

/** What a request adds to the policies that it goes through. */
export interface RequestRules {
  readonly repeatable: boolean;
  /** Milliseconds for the whole, shorter than the pipeline's own or without effect. */
  readonly deadline: number | undefined;
  /** In its context. */
  readonly priority: Priority | undefined;
  /** Where the page is rendered on a server: nobody can wait there. */
  readonly onServer: boolean;
  /** Undefined where nothing says whether there is one. */
  readonly network: Network | undefined;
}

/** For a request that is made on a server, milliseconds: of all tries, of one wait in a queue, of a fallback after that. */
const serverTime = 2_000;
const serverWait = 500;
const serverFallback = 250;

/**
 * The parts of a pipeline around a request, in their own order. Between the retry and the deadline stands what waits
 * while the device is offline; the deadline of the request stands where that of the pipeline does, so that the same
 * fallback answers for both.
 */
export function throughPipeline(
  { name, parts }: ResiliencePipeline<unknown>,
  { deadline: within = Infinity, network, onServer, priority, repeatable }: RequestRules,
  source: Observable<unknown>,
): Observable<unknown> {
  const { deadline, fallback, ...inner } = parts as PipelineParts;
  const maxRetries = repeatable ? (onServer ? 1 : undefined) : 0;
  const call = limited(inOrder(Object.values(inner)), { maxRetries, maxQueueWait: onServer ? serverWait : undefined }) as Operator;
  const waits = repeatable && inner.retry?.mode === 'enforce';
  const least = onServer ? Math.min(within, serverTime) : within;
  const outer = inOrder([
    deadline,
    least === Infinity ? undefined : withDeadline(least, { name }),
    fallback,
    onServer ? withDeadline(serverTime + serverFallback, { name }) : undefined,
    applied(callerSignal()),
    priority === undefined ? undefined : applied(withPriority(priority)),
  ]);
  return meantSo(() => outer(network === undefined ? call(source) : whileOffline(network, waits, call, source)));
}

/** Says to everything further in how much the call matters. */
function withPriority(priority: Priority): Stage {
  return stage({
    admit: ({ frame }) => void (frame.priority = priority),
    context: (_call, _at, frame) => void (frame.priority = priority),
  });
}
