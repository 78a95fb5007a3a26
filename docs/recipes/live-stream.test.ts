import { asyncScheduler } from 'rxjs';
import { withDeadline } from 'rxjs-resilience';
import { expired, type MarbleHelpers, marbles } from 'rxjs-resilience/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Connect, liveStream, type Message } from './live-stream.js';

const [a, b, c]: readonly Message<string>[] = [{ id: '1', data: 'a' }, { id: '2', data: 'b' }, { id: '3', data: 'c' }];
const values = { a: a!, b: b!, c: c!, h: {} };
const seen = { a: 'a', b: 'b', c: 'c' };

/** One picture for each connection, the last one for all that follow. */
function connections({ cold }: MarbleHelpers, pictures: readonly string[], error: unknown = new Error('reset')) {
  const log: string[] = [];
  let count = 0;
  const connect: Connect<string> = (after, signal) => {
    const number = ++count;
    log.push(`${asyncScheduler.now()}: ${number} from ${after}`);
    signal.addEventListener('abort', () => log.push(`${asyncScheduler.now()}: left ${number}`));
    return cold(pictures[Math.min(number, pictures.length) - 1]!, values, error);
  };
  return { log, feed: liveStream('feed', connect) };
}

describe('a stream that lives long', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5));
  afterEach(() => vi.restoreAllMocks());

  it('comes back after an outage, from where it was, and ends with its listener', marbles((test) => {
    const { feed, log } = connections(test, ['a 9s b 998ms #', '#', '#', '#', '#', '#', '20ms c']);
    test.expectObservable(feed.data$, '^ 60s !').toBe('a 9s b 24643ms c', seen);
    test.expectState(feed.breaker, '^ 60s !').toBe('   c 21624ms o 4999ms h 7019ms c');
    test.expectHealth(feed.breaker, '^ 60s !').toBe('  u 21624ms d 4999ms g 7019ms u');
    test.flush();
    expect(log).toStrictEqual([
      '0: 1 from undefined',
      ...['10375: 2 from 2', '11125: 3 from 2', '12625: 4 from 2', '15625: 5 from 2', '21625: 6 from 2'],
      '33625: 7 from 2',
      '60001: left 7',
    ]);
  }));

  it('takes silence for a lost connection, and heartbeats for life', marbles((test) => {
    const { feed, log } = connections(test, ['a 25s h 25s h', 'b']);
    test.expectObservable(feed.data$, '^ 85s !').toBe('a 80376ms b', seen);
    test.flush();
    expect(log).toStrictEqual(['0: 1 from undefined', '80002: left 1', '80377: 2 from 1', '85001: left 2']);
  }));

  it('takes a server that accepts and says nothing for one that is down', marbles((test) => {
    const { feed, log } = connections(test, ['-']);
    test.expectObservable(feed.data$, '^ 40s !').toBe('');
    test.expectState(feed.breaker, '^ 40s !').toBe('c 30624ms o 4999ms h');
    test.flush();
    expect(log.slice(0, 4)).toStrictEqual(['0: 1 from undefined', '5000: left 1', '5375: 2 from undefined', '10375: left 2']);
  }));

  it('comes back to a server that ends the stream, and never in a hot loop', marbles((test) => {
    vi.mocked(Math.random).mockReturnValue(0);
    const { feed, log } = connections(test, ['(ab|)']);
    test.expectObservable(feed.data$, '^ 520ms !').toBe('(ab) 246ms (ab) 246ms (ab)', seen);
    test.flush();
    // The shortest wait there can be is 250 ms.
    expect(log).toStrictEqual(['0: 1 from undefined', '250: 2 from 2', '500: 3 from 2']);
  }));

  it('does not give up on a server that drops it again and again', marbles((test) => {
    const { feed, log } = connections(test, ['(a#)']);
    let over = false;
    const listening = feed.data$.subscribe({ error: () => (over = true) });
    test.cold('60s x').subscribe(() => listening.unsubscribe());
    test.flush();
    expect([over, log.length]).toStrictEqual([false, 160]);
  }));

  it('waits for as long as the server asks for', marbles((test) => {
    const { feed, log } = connections(test, ['#'], { status: 503, retryAfter: 60_000 });
    test.expectObservable(feed.data$, '^ 100s !').toBe('');
    test.flush();
    expect(log).toStrictEqual(['0: 1 from undefined', '63000: 2 from undefined']);
  }));

  it('does not come back where it is not let in', marbles((test) => {
    const { feed, log } = connections(test, ['#'], { status: 401 });
    test.expectObservable(feed.data$).toBe('#', null, { status: 401 });
    test.flush();
    expect(log).toHaveLength(1);
  }));

  it('waits while the circuit is held open by hand', marbles((test) => {
    const { feed, log } = connections(test, ['a']);
    const held = feed.breaker.isolate('migration');
    test.cold('10s x').subscribe(() => held.release());
    test.expectObservable(feed.data$, '^ 20s !').toBe('11625ms a', seen);
    test.flush();
    expect(log[0]).toBe('11625: 1 from undefined');
  }));

  it('has one connection for all who listen, and none of them ends it for the others', marbles((test) => {
    const { feed, log } = connections(test, ['1s a 1s b']);
    // Nothing comes in time for the first one, who has half a second.
    test.expectObservable(feed.data$.pipe(withDeadline(500))).toBe('   500ms #', seen, expired);
    test.expectObservable(feed.data$, '          -^ 1999ms !').toBe('1s a', seen);
    test.flush();
    expect(log).toStrictEqual(['0: 1 from undefined', '2001: left 1']);
  }));
});
