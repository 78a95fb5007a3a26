import 'rxjs-resilience/node';
import { defer, firstValueFrom, from, lastValueFrom, Observable, of, share, Subject, switchMap, timer } from 'rxjs';
import {
  attempt, bulkhead, circuitBreaker, currentContext, detachContext, resiliencePipeline, retryWithBackoff, runInContext, withDeadline,
} from 'rxjs-resilience';
import { describe, expect, it } from 'vitest';
import { shared } from '../../src/operator/shared.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const priorityNow = (): string => currentContext().priority ?? 'none';

describe('a context, once the entry for Node is imported', () => {
  it('is there after an await, a timer and a microtask', async () => {
    const seen = await runInContext({ priority: 'sheddable' }, async () => {
      const found = [priorityNow()];
      await turn();
      found.push(priorityNow());
      await new Promise<void>((resolve) => setTimeout(() => resolve(void found.push(priorityNow())), 1));
      await new Promise<void>((resolve) => queueMicrotask(() => resolve(void found.push(priorityNow()))));
      return found;
    });
    expect(seen).toStrictEqual(['sheddable', 'sheddable', 'sheddable', 'sheddable']);
    expect(priorityNow()).toBe('none');
  });

  it('is seen by operators that are subscribed after an await, in a timer and in switchMap', async () => {
    const reading = attempt(({ priority }) => of(priority)).pipe(circuitBreaker());
    const seen = await runInContext({ priority: 'sheddablePlus' }, async () => {
      await turn();
      return [
        await firstValueFrom(reading),
        await firstValueFrom(timer(1).pipe(switchMap(() => reading))),
        await firstValueFrom(from(turn()).pipe(switchMap(() => reading))),
      ];
    });
    expect(seen).toStrictEqual(['sheddablePlus', 'sheddablePlus', 'sheddablePlus']);
  });

  it('keeps two requests apart', async () => {
    const one = (priority: 'critical' | 'sheddable'): Promise<string[]> =>
      runInContext({ priority }, async () => {
        const found: string[] = [];
        for (let i = 0; i < 5; i++) {
          await turn();
          found.push(priorityNow());
        }
        return found;
      });
    const [first, second] = await Promise.all([one('critical'), one('sheddable')]);
    expect(new Set(first)).toStrictEqual(new Set(['critical']));
    expect(new Set(second)).toStrictEqual(new Set(['sheddable']));
  });

  it('is none for who listens to events, also to those of a call that has waited', async () => {
    const pool = bulkhead(1, 1);
    const found: string[] = [];
    pool.events$.subscribe(async ({ type }) => {
      await turn();
      found.push(`${type}: ${priorityNow()}`);
    });
    const running = new Subject();
    running.pipe(pool).subscribe();
    runInContext({ priority: 'sheddable' }, () => of(1).pipe(pool).subscribe());
    running.complete();
    await turn();
    await turn();
    expect(found).toStrictEqual(['started: none', 'queued: none', 'started: none']);
  });

  it('can be narrowed further in, and is the former one again behind', async () => {
    const seen = await runInContext({ priority: 'critical', tags: { tenant: 'a' } }, async () => {
      await turn();
      const inner = await runInContext({ priority: 'sheddable' }, async () => {
        await turn();
        return currentContext();
      });
      return [inner, currentContext()];
    });
    expect(seen).toStrictEqual([
      { attempt: 1, priority: 'sheddable', tags: { tenant: 'a' } },
      { attempt: 1, priority: 'critical', tags: { tenant: 'a' } },
    ]);
  });

  it('goes with what attempt runs: the deadline and the number of the try are there after an await', async () => {
    let tries = 0;
    const call = attempt(async () => {
      await turn();
      if (++tries === 1) throw new Error('first');
      await turn();
      const { attempt: number, deadline } = currentContext();
      return { number, left: deadline!.remaining() };
    }).pipe(retryWithBackoff(() => 0), withDeadline(60_000));
    const { left, number } = await firstValueFrom(call);
    expect(number).toBe(2);
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  it('goes with what a pipeline runs, and its deadline bounds the calls that are made after an await', async () => {
    const outer = resiliencePipeline({ name: 'outer', deadline: 60_000 });
    const inner = resiliencePipeline({ name: 'inner', breaker: {} });
    const left = await outer.run(async () => {
      await turn();
      return inner.run(({ deadline }) => deadline?.remaining());
    });
    expect(left).toBeGreaterThan(50_000);
  });

  it('never reaches those who wait for the result', async () => {
    const call = attempt(async () => {
      await turn();
      return priorityNow();
    });
    const outside: string[] = [];
    const inside = await new Promise<string>((resolve) => {
      runInContext({ priority: 'sheddable' }, () => new Observable<string>((to) => call.subscribe(to)))
        .pipe(switchMap((value) => from(turn().then(() => (outside.push(priorityNow()), value)))))
        .subscribe(resolve);
    });
    expect([inside, ...outside]).toStrictEqual(['none', 'none']);
  });

  it('delivers under the context of the subscriber, whoever emits', async () => {
    const source = new Subject<number>();
    const seen: string[] = [];
    runInContext({ priority: 'critical' }, () => source.pipe(circuitBreaker()).subscribe(() => seen.push(priorityNow())));
    source.pipe(circuitBreaker()).subscribe(() => seen.push(priorityNow()));
    await runInContext({ priority: 'sheddable' }, async () => {
      await turn();
      source.next(1);
    });
    expect(seen).toStrictEqual(['critical', 'none']);
  });

  it('stays with who waits in a queue', async () => {
    const one = bulkhead(1, 1);
    const gate = new Subject<never>();
    const first = lastValueFrom(gate.pipe(one), { defaultValue: 'done' });
    const second = runInContext({ priority: 'sheddable' }, async () => {
      await turn();
      return firstValueFrom(
        attempt(async () => {
          await turn();
          return priorityNow();
        }).pipe(one),
      );
    });
    await turn();
    await runInContext({ priority: 'criticalPlus' }, async () => {
      await turn();
      gate.complete();
    });
    expect(await second).toBe('sheddable');
    expect(await first).toBe('done');
  });

  it('is left behind by detachContext, also after an await', async () => {
    const shared$ = defer(async () => {
      const before = priorityNow();
      await turn();
      return [before, priorityNow()];
    }).pipe(detachContext(), share());
    const seen = await runInContext({ priority: 'sheddable' }, async () => {
      await turn();
      return firstValueFrom(shared$);
    });
    expect(seen).toStrictEqual(['none', 'none']);
  });

  it('is none of the business of those who listen to streams', async () => {
    const breaker = circuitBreaker();
    const seen: Promise<string>[] = [];
    breaker.events$.subscribe(() => seen.push(turn().then(priorityNow)));
    await runInContext({ priority: 'sheddable' }, async () => {
      await turn();
      await firstValueFrom(of(1).pipe(breaker));
    });
    expect(new Set(await Promise.all(seen))).toStrictEqual(new Set(['none']));
    expect(seen.length).toBeGreaterThan(0);
  });

  it('keeps no call alive: what is carried stands by itself', async () => {
    const carried = await firstValueFrom(
      attempt(async () => {
        await turn();
        return shared.carrier?.frame();
      }).pipe(withDeadline(60_000)),
    );
    expect(carried).toMatchObject({ attempt: 1, outer: undefined, owner: undefined });
    expect(carried?.deadline?.remaining()).toBeGreaterThan(50_000);
  });
});
