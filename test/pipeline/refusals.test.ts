import { EMPTY, map, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  anyOf, bulkhead, circuitBreaker, consecutiveFailures, Deadline, exponential, failureCount, failureRate, fallbackToValue, loadShed,
  loadShedder, retryWithBackoff, slowCallRate, withDeadline,
} from '../../src/index.js';
import type { PipelineOptions } from '../../src/pipeline/pipeline-options.js';
import { readPipeline, standardPipeline, writePipeline } from '../../src/pipeline/presets.js';
import { protect } from '../../src/pipeline/protect.js';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { thrownBy } from '../thrown.js';

const errorOf = (make: () => unknown): readonly [string, string] => {
  const { name, message } = (thrownBy(make) ?? { name: 'nothing', message: '' }) as Error;
  return [name, message];
};
const refusal = (options: unknown): readonly [string, string] => errorOf(() => resiliencePipeline(options as PipelineOptions));

describe('options that are wrong by themselves', () => {
  const inner = resiliencePipeline({ name: 'inner', retry: {} });
  it.each<[title: string, options: unknown, error: string, message: RegExp]>([
    ['no object', undefined, 'TypeError', /^resiliencePipeline: options must be an object, got undefined$/],
    ['hedge, which is to come', { hedge: {} }, 'TypeError', /^resiliencePipeline has no option 'hedge'; known are .*attemptDeadline/],
    ['rateLimit, which is to come', { rateLimit: {} }, 'TypeError', /no option 'rateLimit'/],
    ['an empty name', { name: '' }, 'TypeError', /^resiliencePipeline: name must/],
    ['a mode', { mode: 'off' }, 'RangeError', /^resiliencePipeline: mode must/],
    ['required', { required: 1 }, 'TypeError', /^resiliencePipeline: required must/],
    ['a scheduler', { scheduler: {} }, 'TypeError', /^resiliencePipeline: scheduler must/],
    ['random', { random: 0.5 }, 'TypeError', /^resiliencePipeline: random must/],
    ['classify', { classify: 'transient' }, 'TypeError', /^resiliencePipeline: classify must/],
    ['isValue', { isValue: true }, 'TypeError', /^resiliencePipeline: isValue must/],
    ['a deadline below 0', { deadline: -1 }, 'RangeError', /^resiliencePipeline: deadline\.within must be .* got -1$/],
    ['a deadline without end', { deadline: Infinity }, 'RangeError', /^resiliencePipeline: deadline\.within must/],
    ['a deadline as text', { deadline: '100' }, 'TypeError', /^resiliencePipeline: deadline must be options or a policy, got '100'; write deadline: 100$/],
    ['an unknown setting of a deadline', { attemptDeadline: { timeout: 1 } }, 'TypeError', /^resiliencePipeline: attemptDeadline has no option 'timeout'/],
    ['an unknown option of a deadline', { deadline: { within: 1, mode: 'off' } }, 'RangeError', /^resiliencePipeline: deadline\.mode must/],
    ['one moment as deadline', { deadline: Deadline.after(1) }, 'TypeError', /^resiliencePipeline: deadline must be .* got a Deadline: that is one moment/],
    ['null as deadline', { deadline: null }, 'TypeError', /^resiliencePipeline: deadline must be options or a policy, got null$/],
    ['no permits', { bulkhead: 0 }, 'RangeError', /^resiliencePipeline: bulkhead\.maxConcurrent must/],
    ['a bulkhead without permits', { bulkhead: { queue: 1 } }, 'TypeError', /^resiliencePipeline: bulkhead\.maxConcurrent must/],
    ['a queue', { bulkhead: { maxConcurrent: 1, queue: -1 } }, 'RangeError', /^resiliencePipeline: bulkhead.queue/],
    ['an unknown option of a breaker', { breaker: { treshold: 1 } }, 'TypeError', /^resiliencePipeline: breaker has no option 'treshold'; did you mean 'successThreshold'/],
    ['a breaker as number', { breaker: 5 }, 'TypeError', /^resiliencePipeline: breaker must be options or a policy, got 5; write breaker: { failureThreshold: 5 }$/],
    ['a retry as number', { retry: 3 }, 'TypeError', /^resiliencePipeline: retry must be options or a policy, got 3; write retry: { maxRetries: 3 }$/],
    ['a strategy as retry', { retry: exponential() }, 'TypeError', /^resiliencePipeline: retry must be options or a policy, got function/],
    ['an unknown option of a retry', { retry: { retries: 3 } }, 'TypeError', /^resiliencePipeline: retry has no option 'retries'; did you mean 'maxRetries'/],
    ['a priority', { shed: 'urgent' }, 'RangeError', /^resiliencePipeline: shed\.priority must/],
    ['shedding without a priority', { shed: {} }, 'TypeError', /^resiliencePipeline: shed\.priority must/],
    ['a value as fallback', { fallback: 'none' }, 'TypeError', /^resiliencePipeline: fallback takes a source .* write fallbackToValue\('none'\)/],
    ['an object as fallback', { fallback: {} }, 'TypeError', /^resiliencePipeline: fallback takes a source /],
    ['another kind as breaker', { breaker: retryWithBackoff({ name: 'mine' }) }, 'TypeError', /^resiliencePipeline: breaker must be options or a circuitBreaker policy, got the retry policy 'mine'$/],
    ['a retry as fallback', { fallback: retryWithBackoff() }, 'TypeError', /^resiliencePipeline: fallback must be .* got the retry policy/],
    ['a retry as shedding', { shed: retryWithBackoff() }, 'TypeError', /^resiliencePipeline: shed must be .* got the retry policy/],
    ['a breaker as retry', { retry: circuitBreaker() }, 'TypeError', /^resiliencePipeline: retry must be .* got the circuitBreaker policy/],
    ['a shedding as bulkhead', { bulkhead: loadShed('critical') }, 'TypeError', /^resiliencePipeline: bulkhead must be .* got the loadShed policy/],
    ['a bulkhead as deadline', { deadline: bulkhead(1) }, 'TypeError', /^resiliencePipeline: deadline must be .* got the bulkhead policy/],
    ['a pipeline as retry', { retry: inner }, 'TypeError', /^resiliencePipeline: retry must be .* got the pipeline 'inner'/],
    ['a pipeline as fallback', { fallback: inner }, 'TypeError', /^resiliencePipeline: fallback must be .* got the pipeline 'inner'/],
    ['a pipeline as priority', { shed: inner }, 'TypeError', /^resiliencePipeline: shed must be .* got the pipeline 'inner'/],
  ])('%s', (_title, options, error, message) => {
    const [name, told] = refusal(options);
    expect(told).toMatch(message);
    expect(name).toBe(error);
  });
});

describe('settings that cannot work together', () => {
  const shared = withDeadline({ share: 0.5 });
  const rate = failureRate({ threshold: 0.5, window: { time: 1_999 } });
  it.each<[title: string, options: PipelineOptions, error: string, message: RegExp]>([
    ['an attempt as long as the whole', { deadline: 800, attemptDeadline: 800 }, 'RangeError', /^resiliencePipeline: attemptDeadline must be less than deadline \(800\), got 800:/],
    ['an attempt longer than the whole', { deadline: 800, attemptDeadline: 801 }, 'RangeError', /attemptDeadline .* deadline/],
    ['the same by settings', { deadline: { within: 5 }, attemptDeadline: { within: 5 } }, 'RangeError', /attemptDeadline .* deadline/],
    ['the same by policies', { deadline: withDeadline(5), attemptDeadline: withDeadline(6) }, 'RangeError', /deadline \(5\), got 6/],
    ['one deadline for both', { deadline: shared, attemptDeadline: shared }, 'TypeError', /^resiliencePipeline: attemptDeadline and deadline must be two policies/],
    ['a window shorter than two attempts', { attemptDeadline: 1_000, breaker: { trip: rate } }, 'RangeError', /^resiliencePipeline: breaker.trip .*2 \* attemptDeadline = 2000/],
    ['the same by a policy', { attemptDeadline: 1_000, breaker: circuitBreaker({ trip: rate }) }, 'RangeError', /breaker.trip .*attemptDeadline/],
    [
      'a count in such a window',
      { attemptDeadline: 1_000, breaker: { trip: failureCount({ failures: 2, window: { time: 1_500 } }) } },
      'RangeError',
      /breaker.trip .*attemptDeadline/,
    ],
    [
      'slow calls in such a window',
      { attemptDeadline: 1_000, breaker: { trip: slowCallRate({ threshold: 0.5, slowerThan: 500, window: { time: 1_000 } }) } },
      'RangeError',
      /breaker.trip .*attemptDeadline/,
    ],
    ['several rules, each of them so', { attemptDeadline: 1_000, breaker: { trip: anyOf(rate, rate) } }, 'RangeError', /breaker.trip .*attemptDeadline/],
    ['required beside a breaker that has its own', { required: true, breaker: circuitBreaker() }, 'TypeError', /^resiliencePipeline: required .* breaker/],
  ])('%s', (_title, options, error, message) => {
    const [name, told] = refusal(options);
    expect(told).toMatch(message);
    expect(name).toBe(error);
  });

  it.each<[title: string, options: PipelineOptions]>([
    ['nothing at all', {}],
    ['an attempt just shorter than the whole', { deadline: 800, attemptDeadline: 799 }],
    ['an attempt as a share of the whole', { deadline: 800, attemptDeadline: { share: 0.5 } }],
    ['a deadline that only heeds the caller', { deadline: withDeadline(), attemptDeadline: 800 }],
    ['a window of two attempts', { attemptDeadline: 1_000, breaker: { trip: failureRate({ threshold: 0.5, window: { time: 2_000 } }) } }],
    ['a window of two odd attempts', { attemptDeadline: 333, breaker: { trip: failureCount({ failures: 3, window: { time: 666, buckets: 7 } }) } }],
    ['a window of calls', { attemptDeadline: 1_000, breaker: { trip: failureCount({ failures: 2, window: { calls: 2 } }) } }],
    ['a short window beside a rule that does not forget', { attemptDeadline: 1_000, breaker: { trip: anyOf(rate, consecutiveFailures(5)) } }],
    ['failures in a row that last', { attemptDeadline: 1_000, breaker: { trip: consecutiveFailures(5, { over: 10 }) } }],
    ['the default breaker with long attempts', { attemptDeadline: 20_000, breaker: {} }],
    ['a short window without an attempt', { breaker: { trip: rate } }],
    ['required without a breaker', { required: true, retry: {} }],
    ['what is undefined', { retry: undefined, name: undefined, fallback: undefined }],
  ])('%s is no such thing', (_title, options) => {
    expect(() => resiliencePipeline(options)).not.toThrow();
  });
});

describe('a source that carries too much', () => {
  const retry = retryWithBackoff({ name: 'other' });
  const instead = fallbackToValue('instead', { name: 'cached' });
  const pipeline = resiliencePipeline({ name: 'whole', retry: {}, breaker: {} });
  const pool = bulkhead(1);
  const shedder = loadShedder();

  it.each<[title: string, assemble: () => unknown, message: RegExp]>([
    ['retry around retry', () => of(1).pipe(retry, pipeline), /^whole: its source has the retry 'other' already; retry around retry/],
    ['retry around retry, with another between them', () => of(1).pipe(retry, withDeadline(5), pipeline), /retry around retry/],
    ['retry around retry, behind a list of its own', () => of(1).pipe(retry, withDeadline({ within: 5, onExpire: 'detach' }), pipeline), /retry around retry/],
    ['a pipeline around a pipeline', () => of(1).pipe(pipeline, resiliencePipeline({ name: 'outer', retry: {} })), /^outer: its source has the retry 'whole'/],
    ['a fallback inside the breaker', () => of(1).pipe(instead, pipeline), /^whole: its source has the fallback 'cached' already; a fallback inside the breaker/],
    ['the same bulkhead twice', () => of(1).pipe(pool, resiliencePipeline({ bulkhead: pool })), /^the same bulkhead or shedder twice/],
    ['the same shedder twice', () => of(1).pipe(loadShed('critical', { shedder }), resiliencePipeline({ shed: { priority: 'sheddable', shedder } })), /^the same bulkhead or shedder twice/],
    ['the same pipeline twice', () => of(1).pipe(pipeline, pipeline), /retry around retry/],
  ])('%s', (_title, assemble, message) => {
    for (const time of ['first', 'second']) expect([time, ...errorOf(assemble)]).toStrictEqual([time, 'TypeError', expect.stringMatching(message)]);
  });

  it.each<[title: string, assemble: () => unknown]>([
    ['retry where the pipeline has none', () => of(1).pipe(retry, resiliencePipeline({ breaker: {} }))],
    ['fallback where the pipeline has no breaker', () => of(1).pipe(instead, resiliencePipeline({ retry: {} }))],
    ['what stands behind a foreign operator', () => of(1).pipe(retry, map((value) => value), pipeline)],
    ['a fallback further out', () => of(1).pipe(pipeline, instead)],
    ['nothing of ours', () => EMPTY.pipe(pipeline)],
    ['the same twice over', () => [of(1).pipe(withDeadline(5), pipeline), of(1).pipe(withDeadline(5), pipeline)]],
  ])('%s is let through', (_title, assemble) => {
    expect(assemble).not.toThrow();
  });

  it('is refused also after another source with the same list was not', () => {
    const deadline = withDeadline(5);
    const detached = withDeadline({ within: 5, onExpire: 'detach' });
    of(1).pipe(deadline, pipeline);
    of(1).pipe(detached, pipeline);
    of(1).pipe(deadline, pipeline);
    expect(() => of(1).pipe(retry, detached, pipeline)).toThrow(/retry around retry/);
  });
});

describe('what else is refused', () => {
  it.each<[title: string, make: () => unknown, error: string, message: RegExp]>([
    ['an unknown option of a preset', () => standardPipeline({ deadline: 5 } as never), 'TypeError', /no option 'deadline'/],
    ['idempotent of a read', () => readPipeline({ idempotent: true } as never), 'TypeError', /no option 'idempotent'/],
    ['idempotent that is no boolean', () => writePipeline({ idempotent: 'yes' as never }), 'TypeError', /^writePipeline: idempotent must/],
    ['a tolerance', () => writePipeline({ tolerance: 'high' as never }), 'RangeError', /^writePipeline: tolerance must/],
    ['a bulkhead of a preset', () => standardPipeline({ bulkhead: 0 }), 'RangeError', /^standardPipeline: bulkhead\.maxConcurrent/],
    ['no function to protect', () => protect(1 as never, circuitBreaker()), 'TypeError', /^protect: fn must be a function/],
    ['an operator that is no policy', () => protect(() => 1, map((value) => value) as never), 'TypeError', /^protect: policy must be a policy or a pipeline/],
    ['no policy', () => protect(() => 1, undefined as never), 'TypeError', /^protect: policy must/],
  ])('%s', (_title, make, error, message) => {
    const [name, told] = errorOf(make);
    expect(told).toMatch(message);
    expect(name).toBe(error);
  });
});
