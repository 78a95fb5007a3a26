import { AsyncLocalStorage } from 'node:async_hooks';
import { NEVER, type Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, loadShedder, runInContext } from '../../src/index.js';
import { type PartName, partNames, type PipelineOptions } from '../../src/pipeline/pipeline-options.js';
import { type ResiliencePipeline, resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { collectReported } from '../reported.js';
import { outcome, virtual } from '../virtual.js';

const reported = collectReported();

const left = expect.objectContaining({ name: 'AbortError', cause: 'left' });

function pipelineOf(parts: readonly PartName[]) {
  const time = virtual();
  const { scheduler } = time;
  const all: PipelineOptions = {
    attemptDeadline: 800,
    bulkhead: { maxConcurrent: 1, queue: 1 },
    breaker: { hungAfter: 1_000 },
    retry: { backoff: () => 100, retryIf: () => true },
    shed: { priority: 'critical', shedder: loadShedder({ scheduler }) },
    deadline: 3_000,
    fallback: () => of('instead'),
  };
  const given = Object.fromEntries(parts.map((part) => [part, all[part]]));
  return { ...time, pipeline: resiliencePipeline({ ...given, scheduler }) as ResiliencePipeline<unknown> };
}

function called(pipeline: ResiliencePipeline<unknown>, source: Observable<unknown>) {
  const controller = new AbortController();
  const { log } = runInContext({ signal: controller.signal }, () => outcome(source.pipe(pipeline)));
  return { log, abort: () => controller.abort('left') };
}

const held = (pipeline: ResiliencePipeline<unknown>): object => {
  const { bulkhead: pool, shed } = pipeline.metrics();
  return { active: pool?.active ?? 0, queued: pool?.queued ?? 0, inFlight: shed?.inFlight ?? 0 };
};
const nothing = { active: 0, queued: 0, inFlight: 0 };

describe.each([...partNames.map((part) => [part]), [], [...partNames]])('with the parts %j', (...parts: PartName[]) => {
  it('a client that leaves ends the call, and nothing is left of it', () => {
    const { pipeline, scheduler, advance } = pipelineOf(parts);
    const { log, abort } = called(pipeline, NEVER);
    abort();
    expect(log).toStrictEqual([left]);
    expect(held(pipeline)).toStrictEqual(nothing);
    // For so long a timer list keeps the timer of a call that has gone: most calls are over by then.
    advance(1);
    expect(scheduler.actions.filter(({ closed }) => !closed)).toHaveLength(0);
    expect(reported).toStrictEqual([]);
  });

  it('a signal that aborts after the end changes nothing', () => {
    const { pipeline } = pipelineOf(parts);
    const { log, abort } = called(pipeline, of(1));
    abort();
    expect(log).toStrictEqual([1, '|']);
  });
});

it('a client may leave while its call waits for the next try', () => {
  const { pipeline, scheduler, advance } = pipelineOf(['bulkhead', 'retry', 'fallback']);
  const { log, abort } = called(pipeline, throwError(() => 'down'));
  advance(50);
  abort();
  expect(log).toStrictEqual([left]);
  expect(scheduler.actions.filter(({ closed }) => !closed)).toHaveLength(0);
});

it('a client may leave while the fallback answers', () => {
  const pipeline = resiliencePipeline({ fallback: NEVER });
  const { log, abort } = called(pipeline, throwError(() => 'down'));
  abort();
  expect(log).toStrictEqual([left]);
});

it('a client that leaves the queue lets the next one in', () => {
  const pipeline = resiliencePipeline({ bulkhead: { maxConcurrent: 1, queue: 2 } });
  const first = called(pipeline, NEVER);
  const second = called(pipeline, NEVER);
  const third = called(pipeline, of(3));
  second.abort();
  expect(second.log).toStrictEqual([left]);
  first.abort();
  expect(third.log).toStrictEqual([3, '|']);
  expect(pipeline.metrics().bulkhead).toMatchObject({ active: 0, queued: 0 });
});

it('a source that runs on after its deadline is left as well', () => {
  const { scheduler } = virtual();
  const pool = bulkhead(1);
  const pipeline = resiliencePipeline({ bulkhead: pool, deadline: { within: 10, onExpire: 'detach' }, scheduler });
  const { log, abort } = called(pipeline, NEVER);
  abort();
  expect([log, pool.active]).toStrictEqual([[left], 0]);
});

it('a call ends in the asynchronous scope in which it was made', () => {
  const tenant = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  tenant.run('one', () =>
    runInContext({ signal }, () => NEVER.pipe(resiliencePipeline({})).subscribe({ error: () => seen.push(tenant.getStore()) })),
  );
  tenant.run('two', () => controller.abort());
  expect(seen).toStrictEqual(['one']);
});
