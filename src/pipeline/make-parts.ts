import type { Observable } from 'rxjs';
import { type Bulkhead, bulkhead } from '../bulkhead/bulkhead.js';
import { bulkheadUpdateNames } from '../bulkhead/bulkhead-options.js';
import { type CircuitBreakerOptions, circuitBreakerNames } from '../circuit-breaker/breaker-options.js';
import { type CircuitBreaker, circuitBreaker } from '../circuit-breaker/circuit-breaker.js';
import { named, readingPart } from '../core/options.js';
import type { Priority } from '../core/priority.js';
import { deadlineSettingNames } from '../deadline/deadline-options.js';
import { type DeadlinePolicy, withDeadline } from '../deadline/with-deadline.js';
import { fallbackTo } from '../fallback/fallback-to.js';
import { type LoadShed, loadShed } from '../load-shed/load-shed.js';
import { loadShedOptionNames, type PriorityOf } from '../load-shed/load-shed-options.js';
import type { Policy, PolicyKind, PolicyOptions } from '../operator/policy-types.js';
import { type RetryOptions, retryOptionNames } from '../retry/retry-options.js';
import { type RetryPolicy, retryWithBackoff } from '../retry/retry-with-backoff.js';
import { filled, readyPolicy } from './part-options.js';
import {
  type FallbackPolicy, type PartName, partNames, type PipelineBulkhead, type PipelineCommon, type PipelineDeadline,
  type PipelineFallback, type PipelineOptions, type PipelinePolicies, type PipelineShed, type ShedPolicy,
} from './pipeline-options.js';

/** One policy of a pipeline. */
export interface Part {
  readonly option: PartName;
  readonly policy: Policy & ((source: Observable<unknown>) => Observable<unknown>);
  /** It was made by the pipeline, and goes with it. */
  readonly own: boolean;
}

/** What the parts share, once the name is settled. */
interface Common extends PipelineCommon {
  readonly name: string;
}

interface Recipe<P extends PartName> {
  readonly kind: PolicyKind;
  readonly factory: string;
  make(given: NonNullable<PipelineOptions[P]>, common: Common): PipelinePolicies[P];
}

const recipes: { readonly [P in PartName]: Recipe<P> } = {
  attemptDeadline: { kind: 'deadline', factory: 'withDeadline', make: (given, common) => makeDeadline('attemptDeadline', given, common) },
  bulkhead: { kind: 'bulkhead', factory: 'bulkhead', make: makeBulkhead },
  breaker: { kind: 'circuitBreaker', factory: 'circuitBreaker', make: makeBreaker },
  retry: { kind: 'retry', factory: 'retryWithBackoff', make: makeRetry },
  shed: { kind: 'loadShed', factory: 'loadShed', make: makeShed },
  deadline: { kind: 'deadline', factory: 'withDeadline', make: (given, common) => makeDeadline('deadline', given, common) },
  fallback: { kind: 'fallback', factory: 'fallbackTo', make: makeFallback },
};

const shedPartNames: readonly string[] = /*#__PURE__*/ ['priority'].concat(loadShedOptionNames);

/** The parts that were asked for, from the call outwards. */
export function makeParts(options: PipelineOptions, common: Common): readonly Part[] {
  return partNames.filter((option) => options[option] !== undefined).map((option) => partOf(option, options[option]!, common));
}

function partOf<P extends PartName>(option: P, given: NonNullable<PipelineOptions[P]>, common: Common): Part {
  const { factory, kind, make }: Recipe<P> = recipes[option];
  const ready = readyPolicy(option, given, kind, factory);
  const policy = ready ?? readingPart(option, () => make(given, common));
  return { option, policy: policy as Part['policy'], own: ready === undefined };
}

function makeDeadline(option: 'attemptDeadline' | 'deadline', given: number | PipelineDeadline | DeadlinePolicy, common: Common): DeadlinePolicy {
  if (typeof (given as { readonly remaining?: unknown } | null)?.remaining === 'function') {
    const reason = 'that is one moment, and there will be many calls';
    throw new TypeError(`${named('options')} must be milliseconds, settings or a withDeadline policy, got a Deadline: ${reason}`);
  }
  const own: PipelineDeadline = typeof given === 'number' ? { within: given } : given;
  const { isValue } = common;
  const name = option === 'deadline' ? common.name : `${common.name}.attempt`;
  const whole = filled(option, own, { ...policyOptions(common), name, isValue }, deadlineSettingNames);
  const { name: ownName, mode, required, scheduler, random, ...settings } = whole;
  return withDeadline(settings, { name: ownName, mode, required, scheduler, random });
}

function makeBulkhead(given: number | PipelineBulkhead | Bulkhead, common: Common): Bulkhead {
  const own = typeof given === 'number' ? { maxConcurrent: given } : (given as PipelineBulkhead);
  const { maxConcurrent, queue, ...options } = filled('bulkhead', own, policyOptions(common), bulkheadUpdateNames);
  return bulkhead(maxConcurrent, queue, options);
}

function makeBreaker(given: CircuitBreakerOptions, { classify, isValue, required, ...common }: Common): CircuitBreaker {
  return circuitBreaker(filled('breaker', given, { ...policyOptions(common), classify, isValue, required }, circuitBreakerNames));
}

function makeRetry(given: RetryOptions, { classify, isValue, ...common }: Common): RetryPolicy {
  return retryWithBackoff(filled('retry', given, { ...policyOptions(common), classify, isValue }, retryOptionNames));
}

function makeShed(given: Priority | PriorityOf | PipelineShed | ShedPolicy, { isValue, ...common }: Common): LoadShed {
  const isPriority = typeof given === 'string' || typeof given === 'function';
  const own = isPriority ? { priority: given as Priority | PriorityOf } : (given as PipelineShed);
  const { priority, ...options } = filled('shed', own, { ...policyOptions(common), isValue }, shedPartNames);
  return loadShed(priority, options);
}

function makeFallback(given: PipelineFallback, { classify, ...common }: Common): FallbackPolicy {
  return fallbackTo(given as Observable<unknown>, { ...policyOptions(common), classify });
}

/** What every policy takes, but for what belongs to the breaker alone. */
function policyOptions({ name, mode, scheduler, random }: Common): PolicyOptions {
  return { name, mode, scheduler, random };
}
