import { config, NEVER } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resiliencePipeline, runInContext, withDeadline } from '../../src/index.js';
import { followSignal } from '../../src/operator/signal-followers.js';

const controllerWithCount = () => {
  const controller = new AbortController();
  const added = vi.spyOn(controller.signal, 'addEventListener');
  const removed = vi.spyOn(controller.signal, 'removeEventListener');
  return { controller, listeners: () => added.mock.calls.length - removed.mock.calls.length };
};

afterEach(() => {
  config.onUnhandledError = null;
});

describe('those who follow a signal', () => {
  it('share one listener, and leave none behind', () => {
    const { controller, listeners } = controllerWithCount();
    const ends = Array.from({ length: 100 }, () => followSignal(controller.signal, () => undefined));
    expect(listeners()).toBe(1);
    for (const end of ends) end();
    expect(listeners()).toBe(0);
    followSignal(controller.signal, () => undefined);
    expect(listeners()).toBe(1);
  });

  it('hear of it once, in the order in which they came, with its reason', () => {
    const { controller } = controllerWithCount();
    const heard: unknown[] = [];
    followSignal(controller.signal, (reason) => heard.push('a', reason));
    followSignal(controller.signal, () => heard.push('left'))();
    followSignal(controller.signal, (reason) => heard.push('b', reason));
    controller.abort('gone');
    controller.signal.dispatchEvent(new Event('abort'));
    expect(heard).toStrictEqual(['a', 'gone', 'b', 'gone']);
  });

  it('do not hear of it any more where one before them has ended them', () => {
    const { controller } = controllerWithCount();
    const heard: string[] = [];
    let end = (): void => undefined;
    followSignal(controller.signal, () => end());
    end = followSignal(controller.signal, () => heard.push('second'));
    controller.abort();
    expect(heard).toStrictEqual([]);
  });

  it('hear of it whatever one of them throws, which is reported', async () => {
    const { controller } = controllerWithCount();
    const reported: unknown[] = [];
    config.onUnhandledError = (error: unknown) => void reported.push(error);
    const heard: string[] = [];
    followSignal(controller.signal, () => {
      throw new Error('mine');
    });
    followSignal(controller.signal, () => heard.push('second'));
    controller.abort();
    await vi.waitFor(() => expect(reported).toStrictEqual([new Error('mine')]));
    expect(heard).toStrictEqual(['second']);
  });

  it.each([
    ['a pipeline', resiliencePipeline({ name: 'p', breaker: {} })],
    ['withDeadline()', withDeadline()],
  ])('are the calls of %s under one context', (_what, operator) => {
    const { controller, listeners } = controllerWithCount();
    const errors: unknown[] = [];
    runInContext({ signal: controller.signal }, () => {
      for (let i = 0; i < 12; i++) NEVER.pipe(operator).subscribe({ error: (error: unknown) => errors.push(error) });
    });
    expect(listeners()).toBe(1);
    controller.abort();
    expect(errors.map((error) => (error as Error).name)).toStrictEqual(Array.from({ length: 12 }, () => 'AbortError'));
  });

  it('are the calls of run with one signal', async () => {
    const { controller, listeners } = controllerWithCount();
    const pipeline = resiliencePipeline({ name: 'p', breaker: {} });
    const calls = Array.from({ length: 12 }, () => pipeline.run(() => NEVER, { signal: controller.signal }));
    expect(listeners()).toBe(1);
    controller.abort('gone');
    expect(await Promise.allSettled(calls)).toStrictEqual(Array.from({ length: 12 }, () => ({ status: 'rejected', reason: 'gone' })));
  });
});
