import { EMPTY, of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  bulkhead, circuitBreaker, fallbackTo, fallbackToLast, perKey, policyRegistry, resiliencePipeline, retryWithBackoff, withDeadline,
} from 'rxjs-resilience';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KeyedPipelines } from '../../src/http/keyed-pipelines.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Each test needs names of its own: one name is reported once. */
let made = 0;
const make: readonly (readonly [string, (name: string, now: () => number) => unknown])[] = [
  ['circuitBreaker', (name, now) => circuitBreaker({ name, scheduler: clock(now) })],
  ['bulkhead', (name, now) => bulkhead(1, 0, { name, scheduler: clock(now) })],
  ['retryWithBackoff', (name, now) => retryWithBackoff({ name, scheduler: clock(now) })],
  ['fallbackToLast', (name, now) => fallbackToLast({ maxAge: 1, name, scheduler: clock(now) })],
];

function clock(now: () => number): never {
  return { now, schedule: () => EMPTY.subscribe() } as never;
}

describe.each(make)('%s made inline', (_kind, policy) => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('is reported with the 50th of a name, once', () => {
    const name = `inline ${made++}`;
    for (let i = 0; i < 49; i++) policy(name, () => 1_000);
    expect(console.warn).not.toHaveBeenCalled();
    for (let i = 0; i < 200; i++) policy(name, () => 1_000);
    expect(console.warn).toHaveBeenCalledTimes(1);
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining(name));
  });

  it('is not reported when 10 s went by', () => {
    const name = `slow ${made++}`;
    for (let i = 0; i < 200; i++) policy(name, () => i * 300);
    expect(console.warn).not.toHaveBeenCalled();
  });

  it('is not reported in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    const name = `production ${made++}`;
    for (let i = 0; i < 200; i++) policy(name, () => 1_000);
    expect(console.warn).not.toHaveBeenCalled();
  });
});

it.each<[string, () => unknown]>([
  ['withDeadline', () => withDeadline(10, { name: 'meant inline' })],
  ['fallbackTo', () => fallbackTo(EMPTY, { name: 'meant inline' })],
])('%s is meant inline', (_kind, policy) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  for (let i = 0; i < 200; i++) policy();
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

describe('what is remembered of policies', () => {
  const dropped = async (name: string, each: (policy: ReturnType<typeof circuitBreaker>) => void): Promise<void> => {
    for (let i = 0; i < 60; i++) {
      each(circuitBreaker({ name, scheduler: clock(() => 1_000) }));
      await new Promise((go) => setImmediate(go));
      if (i % 10 === 9) collectGarbage();
    }
  };
  let warn: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => warn.mockRestore());

  it('is enough to report those that are collected after one call', async () => {
    await dropped('collected', (policy) => of(1).pipe(policy).subscribe());
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('is enough to pass over a name of which one was used twice, though it is collected', async () => {
    let first = true;
    await dropped('used twice', (policy) => {
      of(1).pipe(policy).subscribe();
      if (first) of(1).pipe(policy).subscribe();
      first = false;
    });
    expect(warn).not.toHaveBeenCalled();
  });

  it('keeps none of them', async () => {
    const refs: WeakRef<object>[] = [];
    for (let i = 0; i < 40; i++) {
      for (let tenant = 0; tenant < 20; tenant++) refs.push(new WeakRef(circuitBreaker({ name: `kept ${tenant}` })));
    }
    await new Promise((go) => setImmediate(go));
    collectGarbage();
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(20);
  });
});

it.each<[string, (i: number) => void]>([
  ['perKey', (i) => EMPTY.pipe(keyed(`${i}`)).subscribe()],
  ['perKey of pipelines', (i) => EMPTY.pipe(pipelines(`${i}`)).subscribe()],
  ['the pipelines of fetch and Angular', (i) => sending.send(`${i}`, EMPTY).subscribe()],
  ['a registry', (i) => policyRegistry().getOrCreate('retry', () => retryWithBackoff(), i % 2 === 0 ? 'retry' : undefined)],
])('policies that are kept may all have one name: those of %s', (_, make) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  for (let i = 0; i < 120; i++) make(i);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

const keyed = perKey(() => circuitBreaker({ name: 'alike' }));
const pipelines = perKey(() => resiliencePipeline({ name: 'alike', bulkhead: 1, retry: {}, breaker: {} }));
const sending = new KeyedPipelines({
  ...{ name: 'http', maxKeys: 200 },
  pipeline: () => resiliencePipeline({ name: 'alike too', retry: {}, breaker: {} }),
  through: (pipeline, source) => source.pipe(pipeline),
});
