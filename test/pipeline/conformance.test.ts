import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { loadShedder, type PolicyMode } from '../../src/index.js';
import { behaviours, type Same } from '../conformance/behaviours.js';

const wide = (mode: PolicyMode): Same =>
  resiliencePipeline({
    mode,
    attemptDeadline: 900_000,
    bulkhead: { maxConcurrent: 10, queue: 10 },
    breaker: {},
    retry: { retryIf: () => false },
    shed: { priority: 'critical', shedder: loadShedder() },
    deadline: 1_000_000,
    fallback: () => [],
    // Nothing that a retry or a fallback would have to do with.
    classify: () => 'permanent',
  });

const pipelines: Readonly<Record<string, () => Same>> = {
  'without parts': () => resiliencePipeline({}),
  'with all parts': () => wide('enforce'),
  'with all parts in shadow mode': () => wide('shadow'),
  'with all parts disabled': () => wide('disabled'),
  'that lets the source run on': () => resiliencePipeline({ attemptDeadline: { within: 1_000, onExpire: 'detach' }, retry: { retryIf: () => false } }),
};

describe.each(Object.entries(pipelines))('a pipeline %s is as transparent as map((x) => x)', (_title, make) => {
  it.each(behaviours.map((behaviour) => [behaviour.title, behaviour] as const))('%s', (_name, { run }) => {
    const logs = [make(), map((x: unknown) => x)].map((operator) => {
      const log: string[] = [];
      run(operator, log);
      return log;
    });
    expect(logs[0]).toStrictEqual(logs[1]);
  });
});
