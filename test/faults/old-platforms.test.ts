import { NEVER, Observable, of } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { attempt, classify, constant, fallbackTo, resiliencePipeline, retryWithBackoff, runInContext, withDeadline } from 'rxjs-resilience';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { collectReported } from '../reported.js';
import { outcome, virtual } from '../virtual.js';

/** Those of React Native and of the package `abort-controller`: they keep no reason. */
class OldSignal extends EventTarget {
  aborted = false;
}

class OldController {
  readonly signal: AbortSignal = new OldSignal() as unknown as AbortSignal;

  abort(): void {
    (this.signal as { aborted: boolean }).aborted = true;
    this.signal.dispatchEvent(new Event('abort'));
  }
}

const reported = collectReported();
afterEach(() => vi.unstubAllGlobals());

const pipeline = () => resiliencePipeline({ name: 'p', breaker: {}, retry: { backoff: constant(0) }, fallback: () => of('instead') });

describe.each([
  ['of the platform, without DOMException', () => new AbortController(), true],
  ['without a reason', () => new OldController(), false],
  ['without a reason, and without DOMException', () => new OldController(), true],
])('a signal %s', (_title, controllerOf, withoutDOMException) => {
  const made = (): AbortController => {
    // It needs the real one itself.
    const controller = controllerOf() as AbortController;
    if (withoutDOMException) vi.stubGlobal('DOMException', undefined);
    return controller;
  };
  const aborted = expect.objectContaining({ name: 'AbortError' });

  it('ends what run waits for, and refuses what comes after that, with an AbortError', async () => {
    const controller = made();
    const { signal } = controller;
    const running = pipeline().run(() => new Promise(() => undefined), { signal });
    controller.abort();
    await expect(running).rejects.toStrictEqual(aborted);
    await expect(pipeline().run(() => 1, { signal })).rejects.toStrictEqual(aborted);
    expect(reported).toStrictEqual([]);
  });

  it.each([
    ['a pipeline', pipeline],
    ['withDeadline()', () => withDeadline()],
    ['withDeadline() behind others', () => (source: Observable<unknown>) => source.pipe(withDeadline(), retryWithBackoff(), fallbackTo(NEVER))],
  ])('of the context ends a call of %s, and the next one as it comes', (_what, operator) => {
    const controller = made();
    const { signal } = controller;
    const call = (): readonly unknown[] => runInContext({ signal }, () => outcome(NEVER.pipe(operator() as never)).log);
    const running = call();
    controller.abort();
    expect([running, call()]).toStrictEqual([[aborted], [aborted]]);
    expect(reported).toStrictEqual([]);
    expect(classify(running[0])).toBe('aborted');
  });

  it('ends a request of resilientFetch, and refuses the next one', async () => {
    const controller = made();
    const { signal } = controller;
    const seen: AbortSignal[] = [];
    const send = (_input: unknown, init?: RequestInit): Promise<Response> => {
      seen.push(init!.signal!);
      return new Promise(() => undefined);
    };
    const fetch = resilientFetch({ fetch: send, pipeline: (name) => resiliencePipeline({ name }) });
    const running = fetch('https://a.example', { signal });
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    controller.abort();
    await expect(running).rejects.toStrictEqual(aborted);
    expect([seen[0]!.aborted, seen[0]!.reason]).toStrictEqual([true, aborted]);
    await expect(fetch('https://a.example', { signal })).rejects.toStrictEqual(aborted);
    expect(reported).toStrictEqual([]);
  });
});

describe('where controllers keep no reason', () => {
  it('the signal of an attempt has one all the same: read before the call is cut, and after that', () => {
    vi.stubGlobal('AbortController', OldController);
    const { scheduler, advance } = virtual();
    const signals: AbortSignal[] = [];
    const contexts: { readonly signal: AbortSignal }[] = [];
    const call = attempt((context) => {
      contexts.push(context);
      if (contexts.length === 1) signals.push(context.signal);
      return NEVER;
    });
    const { log } = outcome(call.pipe(withDeadline(5, { scheduler }), retryWithBackoff(constant(0), { maxRetries: 1 })));
    let heard: unknown;
    signals[0]!.addEventListener('abort', () => (heard = signals[0]!.reason));
    advance(20);
    signals.push(contexts[1]!.signal);
    const cut = expect.objectContaining({ code: 'DEADLINE_EXCEEDED' });
    expect(log).toStrictEqual([cut]);
    expect(signals.map(({ aborted, reason }) => [aborted, reason])).toStrictEqual([[true, cut], [true, cut]]);
    expect(heard).toStrictEqual(cut);
  });

  it('a consumer that leaves is an AbortError', () => {
    vi.stubGlobal('AbortController', OldController);
    let signal: AbortSignal | undefined;
    attempt((context) => ((signal = context.signal), NEVER)).subscribe().unsubscribe();
    const { aborted, reason } = signal as unknown as AbortSignal;
    expect([aborted, (reason as Error).name]).toStrictEqual([true, 'AbortError']);
  });

  it('a call needs none where nobody asks for its signal', async () => {
    vi.stubGlobal('AbortController', undefined);
    await expect(pipeline().run(() => 1)).resolves.toBe(1);
    attempt(() => NEVER).subscribe().unsubscribe();
    expect(reported).toStrictEqual([]);
  });
});
