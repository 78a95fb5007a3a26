import { asyncScheduler, delay, map, mergeMap, NEVER, type Observable, throwError, timer } from 'rxjs';
import { type MarbleHelpers, marbles } from 'rxjs-resilience/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Api, optimistic } from './optimistic.js';

type List = readonly string[];
type View = { readonly value: List | undefined; readonly stale: boolean; readonly saving: number; readonly problem: unknown };
type State = 'well' | 'away' | 'silent' | 'says no';

/** A list of texts on a server that takes 2 ms to hear and 2 to answer, and does once what comes twice under one key. */
class Server implements Api<List> {
  list: List = ['a'];
  state: State = 'well';
  readonly keys: string[] = [];
  readonly log: string[] = [];

  readonly read = (_id: string, signal: AbortSignal): Observable<List> => {
    this.log.push('read');
    signal.addEventListener('abort', () => this.log.push('read aborted'));
    return this.answer(() => this.list);
  };

  readonly write = (_id: string, body: unknown, key: string): Observable<List> => {
    this.log.push(`write ${body}`);
    return this.answer(() => {
      if (!this.keys.includes(key)) this.list = [...this.list, String(body)];
      this.keys.push(key);
      return this.list;
    });
  };

  private answer(work: () => List): Observable<List> {
    const heard = timer(2);
    const { state } = this;
    if (state === 'away') return heard.pipe(mergeMap(() => throwError(() => ({ status: 503 }))));
    if (state === 'says no') return heard.pipe(mergeMap(() => throwError(() => ({ status: 422 }))));
    return heard.pipe(map(work), state === 'silent' ? mergeMap(() => NEVER) : delay(2));
  }
}

function setUp({ cold }: MarbleHelpers) {
  const server = new Server();
  const document = optimistic(server)('mine');
  const seen: string[] = [];
  const look = () => document.view$.subscribe((view) => seen.push(`${asyncScheduler.now()} ${shortly(view)}`));
  const add = (text: string) => document.change((list) => [...list, text], text);
  const at = (ms: number, step: () => void) => cold(`${ms}ms x`).subscribe(step);
  return { server, document, seen, look, add, at };
}

/** `a,b` as it is; `a,b?` stale; `a,b+1` with one change under way; `a!422` with a problem. */
function shortly({ value, stale, saving, problem }: View): string {
  const { status = 'timeout' } = Object(problem) as { readonly status?: unknown };
  return [value?.join() ?? '-', stale ? '?' : '', saving > 0 ? `+${saving}` : '', problem === undefined ? '' : `!${status}`].join('');
}

describe('an optimistic page', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5));
  afterEach(() => vi.restoreAllMocks());

  it('shows a change at once, and then what the server made of it', marbles((test) => {
    const { server, document, seen, look, add, at } = setUp(test);
    const view = look();
    at(5, () => add('b'));
    at(8, () => add('c'));
    at(30, () => view.unsubscribe());
    at(31, () => document.close());
    test.flush();
    expect(seen).toStrictEqual(['0 -', '4 a', '5 a,b+1', '8 a,b,c+2', '9 a,b,c+1', '13 a,b,c', '17 a,b,c']);
    expect(server.log).toStrictEqual(['read', 'write b', 'write c', 'read']);
  }));

  it('undoes what the server does not take, and only that', marbles((test) => {
    const { server, document, seen, look, add, at } = setUp(test);
    const view = look();
    at(5, () => {
      server.state = 'says no';
      add('x');
      add('b');
    });
    // By the time of the second one it is well again.
    at(6, () => (server.state = 'well'));
    at(30, () => view.unsubscribe());
    at(31, () => document.close());
    test.flush();
    expect(seen).toStrictEqual(['0 -', '4 a', '5 a,x+1', '5 a,x,b+2', '7 a,b+1!422', '11 a,b!422', '15 a,b!422']);
  }));

  it('does not believe itself where an answer was lost: it was done, and only once', marbles((test) => {
    const { server, document, seen, look, add, at } = setUp(test);
    const view = look();
    at(5, () => {
      server.state = 'silent';
      add('b');
    });
    at(29_000, () => (server.state = 'well'));
    at(40_000, () => view.unsubscribe());
    at(40_001, () => document.close());
    test.flush();
    // Three tries of ten seconds each under one key, the last one cut short by the whole; undone, and read.
    expect(seen).toStrictEqual(['0 -', '4 a', '5 a,b+1', '30005 a!timeout', '30009 a,b!timeout']);
    expect(server.log.filter((line) => line === 'write b')).toHaveLength(3);
    expect(new Set(server.keys).size).toBe(1);
    expect(server.list).toStrictEqual(['a', 'b']);
  }));

  it('lives through an outage: what it shows is marked, and a change is saved a little later', marbles((test) => {
    const { server, document, seen, look, add, at } = setUp(test);
    const view = look();
    at(10, () => {
      server.state = 'away';
      document.reload();
    });
    at(500, () => add('b'));
    at(550, () => (server.state = 'well'));
    at(2_000, () => view.unsubscribe());
    at(2_001, () => document.close());
    test.flush();
    // Read twice, 100 ms apart; written twice, likewise, and the second one goes through.
    expect(seen).toStrictEqual(['0 -', '4 a', '114 a?', '500 a,b?+1', '606 a,b', '610 a,b']);
  }));

  it('shows the last that is known to who comes in an outage, with what was saved since it was read', marbles((test) => {
    const { server, document, seen, look, add, at } = setUp(test);
    const first = look();
    at(5, () => add('b'));
    at(9, () => first.unsubscribe());
    at(10, () => {
      server.state = 'away';
      seen.length = 0;
      const second = look();
      at(500, () => second.unsubscribe());
    });
    at(600, () => document.close());
    test.flush();
    expect(seen).toStrictEqual(['10 a,b', '114 a,b?']);
  }));

  it('shows nothing of what may not be read any more', marbles((test) => {
    const { server, document, seen, look, at } = setUp(test);
    const view = look();
    at(10, () => {
      server.state = 'says no';
      document.reload();
    });
    at(20, () => view.unsubscribe());
    at(21, () => document.close());
    test.flush();
    expect(seen).toStrictEqual(['0 -', '4 a', '12 -!422']);
  }));

  it('reads while somebody looks, and saves also when nobody does', marbles((test) => {
    const { server, document, look, add, at } = setUp(test);
    const view = look();
    at(1, () => view.unsubscribe());
    at(2, () => add('b'));
    // Closing lets it finish.
    at(3, () => document.close());
    test.flush();
    expect(server.log).toStrictEqual(['read', 'read aborted', 'write b']);
    expect(server.list).toStrictEqual(['a', 'b']);
  }));

  it('does not let a read from before a change overwrite it', marbles((test) => {
    const { server, document, seen, look, add, at } = setUp(test);
    const view = look();
    at(10, () => document.reload());
    at(11, () => add('b'));
    at(30, () => view.unsubscribe());
    at(31, () => document.close());
    test.flush();
    expect(seen).toStrictEqual(['0 -', '4 a', '11 a,b+1', '15 a,b', '19 a,b']);
    expect(server.log).toStrictEqual(['read', 'read', 'read aborted', 'write b', 'read']);
  }));

  it('reads once for two who look', marbles((test) => {
    const { server, document, seen, look, at } = setUp(test);
    const views = [look(), look()];
    at(10, () => views.forEach((view) => view.unsubscribe()));
    at(11, () => document.close());
    test.flush();
    expect(seen).toStrictEqual(['0 -', '0 -', '4 a', '4 a']);
    expect(server.log).toStrictEqual(['read']);
  }));
});
