import { concat, delay, firstValueFrom, type Observable, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { brownout, failed, flaky, hang, marbles, outage, seededRandom, slow } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../thrown.js';

const letters = { a: 'a', b: 'b', E: failed };

describe('outage', () => {
  it('is down from its beginning and up again from its end, to the millisecond', marbles(({ calls, expectObservable }) => {
    const api = outage({ from: 2, to: 4 }, '(a|)', '#');
    expectObservable(calls('xxxxx|', () => api)).toBe('aaEEa|', letters);
  }));

  it('does not disturb what is under way', marbles(({ calls, expectObservable }) => {
    const api = outage({ from: 2, to: 9 }, '----(a|)', '-#');
    expectObservable(calls('-x--x|', () => api)).toBe('-----(aE|)', letters);
  }));

  it('may begin at once, never end, or not be at all', marbles(({ calls, expectObservable }) => {
    expectObservable(calls('x-x|', () => outage({ from: 0, to: Infinity }, '(a|)', '#'))).toBe('E-E|', letters);
    expectObservable(calls('x-x|', () => outage({ from: 2, to: 2 }, '(a|)', '#'))).toBe('a-a|', letters);
  }));

  it('is in virtual time whenever it is made in it', marbles(({ calls, expectObservable }) => {
    expectObservable(calls('x-x-x|', () => outage({ from: 2, to: 4 }, '(a|)', '#'))).toBe('a-E-a|', letters);
  }));

  const before = outage({ from: 2, to: 4 }, '(a|)', '#');
  it('is in virtual time where it was made before', marbles(({ calls, expectObservable }) => {
    expectObservable(calls('x-x-x|', () => before)).toBe('a-E-a|', letters);
  }));

  it('counts from its making in real time', async () => {
    const [up, down] = [of('a'), throwError(() => new Error('down'))];
    await expect(firstValueFrom(outage({ from: 0, to: 1e9 }, up, down))).rejects.toThrow('down');
    await expect(firstValueFrom(outage({ from: 1e9, to: 2e9 }, up, down))).resolves.toBe('a');
  });

  it('is over in real time where it was made in virtual time', async () => {
    let made: Observable<unknown> = of();
    marbles(() => (made = outage({ from: 0, to: 1e9 }, of('a'), of('b'))) && undefined)();
    await expect(firstValueFrom(made)).resolves.toBe('a');
  });
});

describe('flaky', () => {
  it('fails for the first subscriptions and then works', marbles(({ calls, expectObservable }) => {
    const api = flaky(2, '-#', '-(a|)');
    expectObservable(calls('x-x-x-x|', () => api)).toBe('-E-E-a-(a|)', letters);
  }));

  it('counts for itself', marbles(({ calls, expectObservable }) => {
    expectObservable(calls('x-x|', () => flaky(1, '#', '(a|)'))).toBe('E-E|', letters);
    expectObservable(calls('x-x|', () => flaky(0, '#', '(a|)'))).toBe('a-a|', letters);
  }));
});

describe('slow', () => {
  it('begins late, errors too', marbles(({ expectObservable }) => {
    expectObservable(slow(3, '-a|')).toBe('----a|');
    expectObservable(slow(3, '#')).toBe('---#', null, failed);
    expectObservable(slow(0, 'a|')).toBe('a|');
    expectObservable(slow(30 * 86_400_000, of('a'))).toBe('2592000s (a|)');
  }));

  it('is never subscribed where its consumer leaves before', marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('a|');
    expectObservable(slow(3, source), '^--!').toBe('----');
    expectSubscriptions(source.subscriptions).toBe([]);
  }));

  it('is unsubscribed where its consumer leaves later', marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('a-----');
    expectObservable(slow(3, source), '^----!').toBe('---a--');
    expectSubscriptions(source.subscriptions).toBe('---^-!');
  }));
});

describe('hang', () => {
  it('neither emits nor ends', marbles(({ expectObservable }) => {
    expectObservable(concat(hang(), of('a'))).toBe('-');
  }));
});

describe('brownout', () => {
  const picture = (api: Observable<unknown>): string => {
    let seen = '';
    for (let i = 0; i < 20; i++) api.subscribe((value) => (seen += value));
    return seen;
  };
  const [up, down] = [of('a'), of('E')];

  it('fails now and then, the same calls in every run', () => {
    expect(picture(brownout(0.3, up, down))).toBe('aEaaEaaaaaaaEaaaEaaa');
    expect(picture(brownout(0.3, up, down))).toBe(picture(brownout(0.3, up, down)));
    expect(picture(brownout(0.3, up, down, { random: seededRandom(2) }))).not.toBe(picture(brownout(0.3, up, down)));
  });

  it('fails where chance is below the rate', () => {
    const chances = [0, 0.29, 0.3, 0.99];
    const api = brownout(0.3, up, down, { random: () => chances.shift() ?? 0.5 });
    expect(picture(api).slice(0, 4)).toBe('EEaa');
  });

  it('fails never, or always', () => {
    expect(picture(brownout(0, up, down, { random: () => 0 }))).toBe('a'.repeat(20));
    expect(picture(brownout(1, up, down, { random: () => 1 - Number.EPSILON }))).toBe('E'.repeat(20));
  });

  it('takes marbles', marbles(({ calls, expectObservable }) => {
    const chances = [0.1, 0.9];
    const api = brownout(0.5, '-(a|)', '-#', { random: () => chances.shift()!, values: { a: 7 }, error: 'out' });
    expectObservable(calls('x-x|', () => api)).toBe('-E-(a|)', { a: 7, E: 'out' });
  }));
});

describe('a marble diagram', () => {
  it('may be aligned, grouped and stretched', marbles(({ expectObservable }) => {
    expectObservable(slow(1, '   -a 10ms (bc|)   ')).toBe('--a 10ms (bc|)');
  }));

  it('stands for values and an error', marbles(({ expectObservable }) => {
    const error = { status: 503 };
    expectObservable(flaky(0, '#', '-a-b#', { values: { a: 1, b: undefined }, error })).toBe('-a-b#', { a: 1, b: undefined }, { status: 503 });
    expectObservable(slow(0, '#', { error: undefined })).toEqual(throwError(() => undefined).pipe(delay(0)));
  }));

  it('carries a new, transient error each time where none is given', marbles(({ cold, expectObservable }) => {
    const errors: unknown[] = [];
    const api = slow(0, '#');
    api.subscribe({ error: (error) => errors.push(error) });
    api.subscribe({ error: (error) => errors.push(error) });
    cold('-|').subscribe({
      complete: () => {
        expect(errors).toStrictEqual([new Error('down'), new Error('down')]);
        expect(errors[0]).not.toBe(errors[1]);
      },
    });
    expectObservable(api).toBe('#', null, new Error('down'));
  }));

  it('takes a millisecond for each character wherever it is written', () => {
    const made = slow(2, '-a 7ms (b|)');
    expect(TestScheduler.frameTimeFactor).toBe(10);
    new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(({ expectObservable }) => {
      expectObservable(made).toBe('---a 7ms (b|)');
      expectObservable(slow(2, '-a-|')).toBe('---a-|');
    });
  });
});

describe('sources', () => {
  const refusals: readonly (readonly [make: () => unknown, error: Error])[] = [
    [() => outage({ from: -1, to: 2 }, 'a', 'b'), new RangeError('from must be of at least 0 and finite, got -1')],
    [() => outage({ from: 3, to: 2 }, 'a', 'b'), new RangeError('to must be of at least 3, got 2')],
    [() => outage({ from: 3, to: NaN }, 'a', 'b'), new RangeError('to must be of at least 3, got NaN')],
    [() => outage({ from: 3 } as never, 'a', 'b'), new TypeError('to must be a number of at least 3, got undefined')],
    [() => outage({ from: 3, until: 4 } as never, 'a', 'b'), new TypeError("outage: window has no option 'until'; known are from, to")],
    [() => outage(3 as never, 'a', 'b'), new TypeError('outage: window must be an object, got 3')],
    [() => flaky(-1, 'a', 'b'), new RangeError('times must be of at least 0 and finite, got -1')],
    [() => flaky(1.5, 'a', 'b'), new RangeError('times must be a whole number of at least 0 and finite, got 1.5')],
    [() => slow(-1, 'a'), new RangeError('ms must be of at least 0 and finite, got -1')],
    [() => slow(Infinity, 'a'), new RangeError('ms must be of at least 0 and finite, got Infinity')],
    [() => slow('1' as never, 'a'), new TypeError("ms must be a number of at least 0 and finite, got '1'; write 1")],
    [() => brownout(1.1, 'a', 'b'), new RangeError('rate must be from 0 to 1, got 1.1')],
    [() => brownout(1, 'a', 'b', { random: 1 as never }), new TypeError('random must be a function, got 1')],
    [() => brownout(1, 'a', 'b', { seed: 1 } as never), new TypeError("brownout: options has no option 'seed'; known are values, error, random")],
    [() => flaky(1, of('a'), 7 as never), new TypeError('flaky: a source must be a marble diagram or an observable, got 7')],
    [() => slow(1, Promise.resolve('a') as never), new TypeError('slow: a source must be a marble diagram or an observable, got a promise')],
    [() => slow(1, of('a'), { error: 1 }), new TypeError('slow: values and error are for marble diagrams, and there is none')],
    [() => slow(1, '-a^b'), new TypeError("slow: '^' has no meaning in the marble diagram '-a^b'")],
    [() => slow(1, '-a!'), new TypeError("slow: '!' has no meaning in the marble diagram '-a!'")],
    [() => slow(1, '-ab|', { values: { a: 1, c: 1 } }), new TypeError("slow: values has no 'b', which stands in '-ab|'; known are a, c")],
  ];
  it.each(refusals.map(([make, error]) => ({ make, error, says: error.message })))('refuse: $says', ({ make, error }) => {
    expect(thrownBy(make)).toStrictEqual(error);
  });
});
