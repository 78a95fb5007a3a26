import { type Observable, of } from 'rxjs';
import { constant } from '../src/core/backoff.js';
import { fixedLimit } from '../src/core/fixed-limit.js';
import { fallbackToValue } from '../src/fallback/fallback-to.js';
import { loadShedder } from '../src/load-shed/load-shedder.js';
import type { PipelineOptions, PipelineParts } from '../src/pipeline/pipeline-options.js';
import { writePipeline } from '../src/pipeline/presets.js';
import { type ResiliencePipeline, resiliencePipeline } from '../src/pipeline/resilience-pipeline.js';
import type { RetryOptions } from '../src/retry/retry-options.js';
import { errorWith, type Policies, scenario, type Scenario } from './scenario.js';

/** The pipeline as `whole`, and each of its parts. */
type Whole = Policies & { readonly whole: ResiliencePipeline<unknown> };

const partsOf = (whole: ResiliencePipeline<unknown, PipelineParts>): Whole => ({ ...(whole.parts as Policies), whole });
const made = (options: PipelineOptions) => (): Whole => partsOf(resiliencePipeline(options) as ResiliencePipeline<unknown>);
const pipe = (source: Observable<unknown>, { whole }: Whole): Observable<unknown> => source.pipe(whole);

const retry = (maxRetries: number): RetryOptions => ({ backoff: constant(2), maxRetries, budget: false });
const breaker = { failureThreshold: 2, breakDuration: 50, successThreshold: 1 };
const expired = errorWith({ code: 'DEADLINE_EXCEEDED', started: true });
const refused = errorWith({ code: 'CIRCUIT_OPEN', reason: 'open' });
const values = { a: 'a', f: 'instead' };

const order: readonly Scenario[] = [
  scenario<Whole>({
    title: 'each try has its own time, and the whole operation has one',
    policies: made({ name: 'api', attemptDeadline: 3, retry: retry(5), deadline: 12 }),
    source: '          ----',
    pipe,
    calls: [{ call: '^---------', sees: '------------#', error: errorWith({ code: 'DEADLINE_EXCEEDED', policy: 'api' }) }],
    subscriptions: ['^--!', '-----^--!', '----------^-!'],
    metrics: { attemptDeadline: { calls: 3, expired: 2 }, retry: { retries: 2, exhausted: { deadline: 0 } }, deadline: { calls: 1, expired: 1 } },
  }),
  scenario<Whole>({
    title: 'the breaker hears of every try, and what it refuses is not tried again',
    policies: made({ breaker, retry: retry(5) }),
    source: '          -#',
    pipe,
    calls: [{ call: '^---------', sees: '------#', error: refused }],
    subscriptions: ['^!', '---^!'],
    states: { breaker: 'c---o 49ms h' },
    health: { whole: 'u---d 49ms g' },
    metrics: { breaker: { calls: 3, failures: 2, refused: 1 }, retry: { calls: 1, retries: 2 } },
  }),
  scenario<Whole>({
    title: 'the breaker hears of a try that hangs, by the deadline of that try',
    policies: made({ attemptDeadline: 4, breaker, retry: retry(1) }),
    source: '          -----',
    pipe,
    calls: [{ call: '^---------', sees: '----------#', error: expired }],
    subscriptions: ['^---!', '------^---!'],
    states: { breaker: 'c 9ms o 49ms h' },
  }),
  scenario<Whole>({
    title: 'a call holds its permit for a try, and not while it waits for the next one',
    policies: made({ bulkhead: 1, retry: retry(1) }),
    source: ['         -#', '(a|)', '-a|'],
    pipe,
    calls: [
      { call: '        ^---------', sees: '----a|' },
      { call: '        --^-------', sees: '--(a|)' },
    ],
    subscriptions: ['^!', '--(^!)', '---^-!'],
    metrics: { bulkhead: { accepted: 3, peak: 1 } },
  }),
  scenario<Whole>({
    title: 'a wait in the queue uses up the time of the whole, and none of the try',
    policies: made({ attemptDeadline: 5, bulkhead: { maxConcurrent: 1, queue: 2 }, deadline: 9 }),
    source: '          ----(a|)',
    pipe,
    calls: [
      { call: '        ^---------', sees: '----(a|)' },
      { call: '        ^---------', sees: '--------(a|)' },
      { call: '        ^---------', sees: '---------#', error: expired },
    ],
    subscriptions: ['^---!', '----^---!', '--------^!'],
    metrics: { attemptDeadline: { calls: 3, expired: 0 }, deadline: { expired: 1 }, bulkhead: { accepted: 3 } },
  }),
  scenario<Whole>({
    title: 'a wait in the queue, or a full one, is nothing that the breaker counts',
    policies: made({ breaker: { failureThreshold: 1 }, bulkhead: { maxConcurrent: 1, queue: { size: 1, timeout: 4 } } }),
    source: '          -----------a|',
    pipe,
    calls: [
      { call: '        ^------!  ', sees: '--------' },
      { call: '        -^--------', sees: '-----#', error: errorWith({ code: 'BULKHEAD_FULL', reason: 'queue-timeout' }) },
      { call: '        -^--------', sees: '-#', error: errorWith({ code: 'BULKHEAD_FULL', reason: 'full' }) },
    ],
    subscriptions: ['^------!'],
    states: { breaker: 'c' },
    metrics: { breaker: { calls: 3, ignored: 2, abandoned: 1 } },
  }),
  scenario<Whole>({
    title: 'a call holds one permit of the shedder, through its waits as well',
    policies: () =>
      partsOf(resiliencePipeline({ shed: { priority: 'critical', shedder: loadShedder({ limit: fixedLimit(1) }) }, retry: retry(1) }) as ResiliencePipeline<unknown>),
    source: ['         -#', '-a|'],
    pipe,
    calls: [
      { call: '        ^---------', sees: '----a|' },
      { call: '        --^-------', sees: '--#', error: errorWith({ code: 'LOAD_SHED' }) },
    ],
    subscriptions: ['^!', '---^-!'],
    metrics: { shed: { calls: 2, admitted: 1 }, retry: { calls: 1, recovered: 1 } },
  }),
  scenario<Whole>({
    title: 'the fallback answers what failed, what was refused and what took too long',
    policies: () => made({ breaker, deadline: 4, fallback: fallbackToValue('instead') })(),
    source: ['         -#', '-----', '-a|'],
    values,
    pipe,
    calls: [
      { call: '        ^---------', sees: '-(f|)' },
      { call: '        --^-------', sees: '------(f|)' },
      { call: '        -------^--', sees: '-------(f|)' },
    ],
    subscriptions: ['^!', '--^---!'],
    states: { breaker: 'c-----o 49ms h' },
    metrics: { fallback: { calls: 3, used: 3 } },
  }),
];

const whole: readonly Scenario[] = [
  scenario<Whole>({
    title: 'a pipeline goes down with its breaker and comes back with it',
    policies: made({ breaker: { failureThreshold: 1, breakDuration: 4, successThreshold: 1 }, deadline: 9 }),
    source: ['         -#', '-(a|)'],
    pipe,
    calls: [
      { call: '        ^         ', sees: '-#' },
      { call: '        --^       ', sees: '--#', error: refused },
      { call: '        ------^   ', sees: '-------(a|)' },
    ],
    subscriptions: ['^!', '------^!'],
    states: { breaker: 'co---h-c' },
    health: { whole: 'ud---g-u' },
  }),
  scenario<Whole>({
    title: 'in shadow mode every part decides and counts, and every call gets through as it is',
    policies: made({ mode: 'shadow', breaker: { failureThreshold: 1, breakDuration: 50 }, bulkhead: 1, retry: retry(1), attemptDeadline: 2, fallback: of('instead') }),
    source: ['         ---#', '---a|', '-a|'],
    values,
    pipe,
    calls: [
      { call: '        ^---------', sees: '---#' },
      { call: '        -^--------', sees: '----a|' },
      { call: '        -----^----', sees: '------a|' },
    ],
    subscriptions: ['^--!', '-^---!', '-----^-!'],
    states: { breaker: 'c--o 49ms h' },
    health: { whole: 'u' },
    metrics: {
      attemptDeadline: { expired: 2 },
      bulkhead: { refused: { full: 1, 'queue-timeout': 0 } },
      breaker: { refused: 1 },
      retry: { retries: 1 },
      fallback: { used: 1 },
    },
  }),
  scenario<Whole>({
    title: 'a pipeline for writes makes one try',
    policies: () => partsOf(writePipeline() as ResiliencePipeline<unknown>),
    source: '          -#',
    pipe,
    calls: [{ call: '^---------', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { breaker: { calls: 1, failures: 1 } },
  }),
];

/** What a pipeline makes of its parts. */
export const pipelineScenarios: readonly Scenario[] = [...order, ...whole];
