import { concat, last, map, merge, of, throwError, timer } from 'rxjs';
import { marbles, refused } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { failing } from './failing.js';

const lines = (...text: string[]): string => text.join('\n');
/** The message without its first line. */
const shown = (error: Error): string => error.message.slice(error.message.indexOf('\n\n') + 2);

describe('a mismatch', () => {
  it('is drawn in both diagrams, with the letters of the test, and told by frame', () => {
    const error = failing(({ cold, expectObservable }) => {
      const items = { a: { id: 1 }, b: { id: 2 }, c: { id: 3 } };
      expectObservable(cold('-a-c--|', items)).toBe('-a-b-|', items);
    });
    expect(error.message).toBe(
      lines(
        'expectObservable does not hold',
        '',
        'expected  -a-b-|',
        'actual    -a-c--|',
        '             ^',
        'frame 3: expected the value b = { id: 2 }, got the value { id: 3 }',
        'frame 5: expected completion, got nothing',
        'frame 6: expected nothing, got completion',
      ),
    );
  });

  it('gives letters to what was not expected anywhere, and says what they stand for', () => {
    const error = failing(({ cold, expectObservable }) => {
      expectObservable(cold('a-b-c-a|', { a: [1], b: new Error('down'), c: 'c' })).toBe('A|', { A: refused });
    });
    expect(shown(error)).toBe(
      lines(
        'expected  A|',
        'actual    B-C-c-B|',
        '          ^',
        'frame 0: expected the value A = refused, got the value [1]',
        'frame 1: expected completion, got nothing',
        'frame 2: expected nothing, got the value Error: down',
        'frame 4: expected nothing, got the value "c"',
        'frame 6: expected nothing, got the value [1]',
        'frame 7: expected nothing, got completion',
        'B = [1]',
        'C = Error: down',
      ),
    );
  });

  it('keeps the letter of what came as expected where two letters mean the same', () => {
    const error = failing(({ cold, expectObservable }) => {
      expectObservable(cold('a-c', { a: 1, c: 2 })).toBe('b-b', { a: 1, b: 1 });
    });
    expect(shown(error)).toContain(lines('expected  b-b', 'actual    b-A', '            ^'));
  });

  it('writes a long quiet time as a number, at the same place in both', () => {
    const error = failing(({ cold, expectObservable }) => {
      expectObservable(cold('20ms a 99ms (bc) 30ms d')).toBe('20ms a 99ms (bx) 30ms d|');
    });
    expect(shown(error)).toBe(
      lines(
        'expected  20ms a 99ms (bx) 30ms d|',
        'actual    20ms a 99ms (bc) 30ms d',
        '                      ^',
        'frame 120: expected the value "x", got the value "c"',
        'frame 155: expected completion, got nothing',
      ),
    );
  });

  it('writes nothing behind the end of a line', () => {
    const error = failing(({ cold, expectObservable }) => expectObservable(cold('a|')).toBe('a 50ms b 50ms |'));
    expect(shown(error)).toContain(lines('expected  a- 49ms b 50ms |', 'actual    a|', '           ^'));
  });

  it('draws what stays silent as a dash', () => {
    const error = failing(({ cold, expectObservable }) => expectObservable(cold('--')).toBe('--a'));
    expect(shown(error)).toBe(lines('expected  --a', 'actual    -', '            ^', 'frame 2: expected the value "a", got nothing'));
  });

  it('says that no diagram shows what happens within the time of brackets', () => {
    const source = merge(of('a', 'b'), timer(2).pipe(map(() => 'c')));
    const error = failing(({ expectObservable }) => expectObservable(source).toBe('-a'));
    expect(shown(error)).toContain(lines('expected  -a', 'actual    no diagram can show it: something happens within the time of brackets'));
    expect(shown(error)).toContain('frame 2: expected nothing, got the value "c"');
  });

  it('draws what happens between two milliseconds', () => {
    const source = concat(timer(1.5), timer(1.25), timer(20));
    const error = failing(({ expectObservable, expectSubscriptions, cold }) => {
      expectObservable(source).toBe('1.5ms a 0.25ms b', { a: 0, b: 0 });
      const other = cold('-');
      expectObservable(other, '2.5ms ^ 3ms !').toBe('-');
      expectSubscriptions(other.subscriptions).toBe('^----!');
    });
    expect(error.message).toContain(lines('expected  1.5ms a 0.25ms b', 'actual    1.5ms a 0.25ms b 19ms (a|)'));
    expect(error.message).toContain(lines('expected  ^----!', 'actual    2.5ms ^---!'));
  });

  it('is none where sums of fractions have lost something', marbles(({ expectObservable }) => {
    expectObservable(concat(timer(0.1), timer(0.2)).pipe(last())).toBe('0.3ms (a|)', { a: 0 });
  }));

  it('is cut to what stands around the first difference where it is long', () => {
    const marble = 'ab'.repeat(200);
    const error = failing(({ cold, expectObservable }) => expectObservable(cold(marble)).toBe(`${marble.slice(0, 300)}x${marble.slice(301)}`));
    const [expected, actual, mark] = shown(error).split('\n');
    expect([expected, actual].map((line) => line!.length)).toStrictEqual([162, 162]);
    expect(expected![mark!.indexOf('^')]).toBe('x');
    expect(actual![mark!.indexOf('^')]).toBe('a');
    expect(expected).toMatch(/^expected {2}….*…$/);
  });

  it('is cut to the last of it where the first difference stands there', () => {
    const marble = 'ab'.repeat(200);
    const error = failing(({ cold, expectObservable }) => expectObservable(cold(marble)).toBe(`${marble.slice(0, -1)}x`));
    const [expected, , mark] = shown(error).split('\n');
    expect([expected!.length, expected!.at(-1), mark!.indexOf('^')]).toStrictEqual([161, 'x', 160]);
  });

  it('tells ten differences and counts the rest', () => {
    const error = failing(({ cold, expectObservable }) => expectObservable(cold('aaaaaaaaaaaaa')).toBe('bbbbbbbbbbbbb'));
    expect(shown(error).split('\n').slice(-2)).toStrictEqual(['frame 9: expected the value "b", got the value "a"', 'and 3 more']);
  });

  it('tells errors apart, and an error from a value', () => {
    const source = throwError(() => new TypeError('out'));
    const error = failing(({ expectObservable }) => {
      expectObservable(source).toBe('#', null, refused);
      expectObservable(source).toBe('a');
    });
    expect(error.message).toContain('frame 0: expected the error refused, got the error TypeError: out');
    expect(error.message).toContain('frame 0: expected the value "a", got the error TypeError: out');
  });

  it('tells an error that is undefined from a value, and a value that is undefined from an error', () => {
    expect(failing(({ expectObservable }) => expectObservable(throwError(() => undefined)).toBe('a')).message).toContain(
      'frame 0: expected the value "a", got the error undefined',
    );
    expect(failing(({ expectObservable }) => expectObservable(of(undefined)).toBe('#')).message).toContain(
      'frame 0: expected the error "error", got the value undefined',
    );
  });

  it('is strict about types, and about what is undefined', () => {
    class Item {
      readonly id = 1;
    }
    const error = failing(({ expectObservable }) => expectObservable(of(new Item())).toBe('(a|)', { a: { id: 1 } }));
    expect(shown(error)).toContain('expected the value a = { id: 1 }, got the value Item { id: 1 }');
    const other = failing(({ expectObservable }) => expectObservable(of({ id: undefined })).toBe('(a|)', { a: {} }));
    expect(shown(other)).toContain('expected the value a = {}, got the value { id: undefined }');
  });

  it('of two observables is drawn as well', () => {
    const error = failing(({ cold, expectObservable }) => expectObservable(cold<string>('-a-b|')).toEqual(concat(cold('-a-'), of())));
    expect(shown(error)).toBe(
      lines(
        'expected  -a',
        'actual    -a-b|',
        '             ^',
        'frame 3: expected nothing, got the value "b"',
        'frame 4: expected nothing, got completion',
      ),
    );
  });

  it('of an observable of observables shows what is inside', () => {
    const error = failing(({ cold, expectObservable }) => {
      expectObservable(of(cold('-a|'))).toBe('(x|)', { x: cold('-b|') });
    });
    expect(error.message).toContain('frame 0: expected the value x = [{ frame: 1, notification: ');
  });

  it('has the two sides for the diff of a runner', () => {
    const error = failing(({ cold, expectObservable }) => expectObservable(cold('-a#', { a: 1 }, 'out')).toBe('-a|', { a: refused }));
    expect(error).toMatchObject({
      name: 'AssertionError',
      actual: [{ frame: 1, next: 1 }, { frame: 2, error: 'out' }],
      expected: [{ frame: 1, next: refused }, { frame: 2, complete: true }],
      showDiff: true,
    });
  });

  it('points to the line of the test', () => {
    const place = (error: Error): string | undefined => error.stack?.split('\n').find((line) => line.startsWith('    at '));
    expect(place(failing(({ cold, expectObservable }) => expectObservable(cold('a')).toBe('b')))).toContain('mismatch.test.ts');
    const closed = of('closed' as const);
    expect(place(failing(({ expectState }) => expectState(closed).toBe('o')))).toContain('mismatch.test.ts');
    expect(place(failing(({ expectHealth }) => expectHealth(of('up' as const)).toBe('d')))).toContain('mismatch.test.ts');
    expect(place(failing(({ cold, expectSubscriptions }) => expectSubscriptions(cold('a').subscriptions).toBe('^')))).toContain('mismatch.test.ts');
    expect(place(failing(({ cold, expectObservable }) => expectObservable(cold<string>('a')).toEqual(of('a'))))).toContain('mismatch.test.ts');
  });
});

describe('several mismatches', () => {
  it('are all told, in the order of the test, and the line is that of the first', () => {
    const error = failing(({ cold, expectObservable, expectState }) => {
      expectObservable(cold('a')).toBe('b');
      expectObservable(cold('a')).toBe('a');
      expectState(of('closed' as const)).toBe('(o|)');
    });
    expect(error.message).toBe(
      lines(
        'expectObservable does not hold',
        '',
        'expected  b',
        'actual    a',
        '          ^',
        'frame 0: expected the value "b", got the value "a"',
        '',
        'expectState does not hold',
        '',
        'expected  (o|)',
        'actual    (c|)',
        '          ^',
        'frame 0: expected the value o = "open", got the value "closed"',
      ),
    );
    expect(error.stack?.startsWith(`AssertionError: ${error.message}\n    at `)).toBe(true);
  });

  it('are told by flush where the body calls it', () => {
    let flushed = 0;
    const error = failing(({ cold, expectObservable, flush }) => {
      expectObservable(cold('a')).toBe('a');
      flush();
      flushed++;
      expectObservable(cold('a')).toBe('b');
      flush();
      flushed++;
    });
    expect(flushed).toBe(1);
    expect(error.message).toMatch(/^expectObservable does not hold/);
  });
});

describe('subscriptions that differ', () => {
  it('are drawn one below the other', () => {
    const error = failing(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('---');
      expectObservable(source, '-^--!').toBe('-');
      expectObservable(source, '--^').toBe('-');
      expectSubscriptions(source.subscriptions).toBe(['-^---!', '--^ 20ms !']);
    });
    expect(error.message).toBe(
      lines(
        'expectSubscriptions does not hold',
        '',
        'expected  -^---!',
        'expected  --^--- 17ms !',
        'actual    -^--!',
        'actual    --^',
      ),
    );
    expect(error.actual).toStrictEqual([
      { subscribedFrame: 1, unsubscribedFrame: 4 },
      { subscribedFrame: 2, unsubscribedFrame: Infinity },
    ]);
  });

  it('are said to be none where there are none', () => {
    const none = failing(({ cold, expectSubscriptions }) => expectSubscriptions(cold('a').subscriptions).toBe('^!'));
    expect(shown(none)).toBe(lines('expected  ^!', 'actual    none'));
    const some = failing(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a|');
      expectObservable(source).toBe('a|');
      expectSubscriptions(source.subscriptions).toBe([]);
    });
    expect(shown(some)).toBe(lines('actual    ^!', 'expected  none'));
  });
});
