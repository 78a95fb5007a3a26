import { BehaviorSubject, NEVER, of } from 'rxjs';
import { fixedLimit, loadShed, loadShedder, type Priority } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('sheds what matters less first: by shares of the limit, and by a signal', () => {
  const load$ = new BehaviorSubject(0);
  const shedder = loadShedder({ limit: fixedLimit(4), shares: { sheddable: 0.5 }, signals: [load$] });
  const ask = (priority: Priority): unknown => {
    let seen: unknown;
    const call = of('in').pipe(loadShed(priority, { shedder }));
    call.subscribe({ next: (value) => (seen = value), error: (error) => (seen = error) });
    return seen;
  };

  const running = [1, 2].map(() => NEVER.pipe(loadShed('sheddable', { shedder })).subscribe());
  expect(ask('sheddable')).toMatchObject({ code: 'LOAD_SHED', reason: 'full', priority: 'sheddable', limit: 4 });
  expect(ask('critical')).toBe('in');

  running.forEach((call) => call.unsubscribe());
  load$.next(0.9);
  expect(ask('sheddablePlus')).toMatchObject({ reason: 'signal' });
  expect(ask('critical')).toBe('in');
});
