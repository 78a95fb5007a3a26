import { AsyncLocalStorage } from 'node:async_hooks';
import * as fc from 'fast-check';
import { defer, map, type MonoTypeOperatorFunction, type Observable, of, Subject, type Subscription } from 'rxjs';
import { expect, it } from 'vitest';
import {
  bulkhead, constant, fallbackTo, fixedLimit, loadShed, loadShedder, type PolicyOptions, retryWithBackoff, runInContext, withDeadline,
} from '../../src/index.js';
import { Hand } from '../hand.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);
const tenant = new AsyncLocalStorage<string>();

type Event =
  | { readonly type: 'call'; readonly tries: readonly number[] }
  | { readonly type: 'next' | 'error' | 'complete'; readonly source: number }
  | { readonly type: 'leave' | 'abort'; readonly call: number }
  | { readonly type: 'time'; readonly ms: number };

const index = fc.integer({ min: 0, max: 3 });
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ type: fc.constant('call' as const), tries: fc.array(index, { minLength: 1, maxLength: 4 }) }),
  fc.record({ type: fc.constantFrom('next' as const, 'error' as const, 'complete' as const), source: index }),
  fc.record({ type: fc.constantFrom('leave' as const, 'abort' as const), call: index }),
  fc.record({ type: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 20 }) }),
);
const part = fc.constantFrom('deadline', 'received', 'bulkhead', 'shed', 'retry', 'judging', 'fallback', 'map');

it('whatever strangers do to the sources that calls share, what belongs to a call runs as its caller', () => {
  fc.assert(
    fc.property(fc.uniqueArray(part, { maxLength: 5 }), fc.array(event, { maxLength: 25 }), (parts, events) => {
      const hand = new Hand();
      const wrong: string[] = [];
      /** Of a call itself: in its callbacks there is no other way to know whose it is than the context. */
      const check = (what: string, owner: unknown): void => {
        if (tenant.getStore() !== owner) wrong.push(`${what} of ${String(owner)} as ${tenant.getStore()}`);
      };
      const operators = parts.map((name, i) => made(name, { scheduler: hand, name: `${name}${i}` }, check));
      let sources = Array.from({ length: 4 }, () => new Subject<unknown>());
      const calls: { readonly controller: AbortController; readonly running: Subscription }[] = [];
      const begin = (tries: readonly number[]): void => {
        const owner = `tenant ${calls.length}`;
        const controller = new AbortController();
        let made = 0;
        const source = defer(() => {
          check('a try', owner);
          return sources[tries[made++ % tries.length]!]!;
        });
        tenant.run(owner, () => {
          const subscribe = (): Subscription =>
            operators
              .reduce<Observable<unknown>>((piped, operator) => operator(piped), source)
              .subscribe({ error: () => keeps(parts) && check('the error', owner) });
          calls.push({ controller, running: runInContext({ signal: controller.signal, tags: { owner } }, subscribe) });
        });
      };
      for (const one of events) {
        tenant.run('a stranger', () => {
          if (one.type === 'time') return hand.run(one.ms);
          if (one.type === 'leave') return calls[one.call]?.running.unsubscribe();
          if (one.type === 'abort') return calls[one.call]?.controller.abort();
          if ('source' in one) {
            const subject = sources[one.source]!;
            if (one.type !== 'next') sources = sources.map((other) => (other === subject ? new Subject() : other));
            return one.type === 'next' ? subject.next('poor') : one.type === 'error' ? subject.error(new Error('down')) : subject.complete();
          }
        });
        if (one.type === 'call') begin(one.tries);
      }
      for (const { running } of calls) running.unsubscribe();
      expect(wrong).toStrictEqual([]);
    }),
    { numRuns },
  );
});

/** Whether the outermost list of ours has a part by which others continue a call: what it ends with comes in its scope. */
function keeps(parts: readonly string[]): boolean {
  return ['retry', 'judging', 'fallback', 'deadline'].includes(parts.at(-1)!);
}

function made(name: string, common: PolicyOptions, check: (what: string, owner: unknown) => void): MonoTypeOperatorFunction<unknown> {
  const { scheduler } = common;
  switch (name) {
    case 'deadline':
      return withDeadline(12, common);
    case 'received':
      return withDeadline();
    case 'bulkhead':
      return bulkhead(1, { size: 2, timeout: 15 }, common);
    case 'shed':
      return loadShed('critical', { ...common, shedder: loadShedder({ limit: fixedLimit(1), queue: { size: 1, timeout: 9 }, scheduler: scheduler! }) });
    case 'retry':
      return retryWithBackoff(constant(3), { ...common, maxRetries: 2, budget: false });
    case 'judging':
      return retryWithBackoff(constant(0), { ...common, maxRetries: 1, budget: false, retryIfValue: () => true });
    case 'fallback':
      return fallbackTo((_error, { tags }) => (check('a fallback', tags?.['owner']), of('instead')), {
        ...common,
        when: (_error, { tags }) => (check('when', tags?.['owner']), true),
      });
    default:
      return map((value) => value);
  }
}
