import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, healthView, plainDetails } from '../../src/node/health-view.js';
import { LatencyBuckets } from '../../src/node/latency-buckets.js';
import { healthBoard } from '../../src/health/health-board.js';
import { BoardWatch } from '../../src/node/board-watch.js';
import { PoliciesFeed } from '../../src/node/policies-feed.js';
import type { PoliciesMessage, PolicyView } from '../../src/node/stream-messages.js';
import { eventMessage } from '../../src/node/stream-text.js';
import { TransitionFeed } from '../../src/node/transition-feed.js';
import { virtual } from '../virtual.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const data = (bytes: Uint8Array): PoliciesMessage => JSON.parse(/^data: (.*)$/m.exec(text(bytes))![1]!);

describe('details', () => {
  it('keep figures, states and short words', () => {
    const details = { state: 'open', openings: 2, draining: true, none: null, list: [1, 'a'], inner: { of: 1 } };
    expect(plainDetails(details)).toStrictEqual(details);
  });

  it('lose what may be the text of an error, and what has a life of its own', () => {
    const error = Object.assign(new Error('password=hunter2'), { code: 'ECONNREFUSED' });
    expect(plainDetails({ error, other: new Error('secret'), response: Object.assign(new Error('x'), { status: 503 }) })).toStrictEqual({ error: 'ECONNREFUSED', response: 503 });
    expect(plainDetails({ map: new Map([['a', 1]]), run: () => 1, nothing: undefined, symbol: Symbol('s') })).toStrictEqual({});
  });

  it('are bounded, and can always be written', () => {
    const round: Record<string, unknown> = { big: 10n, not: NaN, long: 'x'.repeat(10_000) };
    round['self'] = round;
    Object.defineProperty(round, 'hostile', { enumerable: true, get: () => { throw new Error('no'); } });
    expect(plainDetails(round)).toStrictEqual({});
    fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      expect(JSON.stringify(plainDetails({ value })).length).toBeLessThan(10_000_000);
    }));
    expect(JSON.stringify(plainDetails({ long: 'x'.repeat(10_000), many: Array.from({ length: 10_000 }, (_, i) => i) })).length).toBeLessThan(1_000);
  });

  it('have nothing of the error of a health, nor of its parts', () => {
    const part = { name: 'db', status: 'down' as const, required: true, since: 1, details: {}, error: new Error('secret') };
    expect(healthView({ ...part, components: { db: part } })).toStrictEqual({
      name: 'db', status: 'down', required: true, since: 1, details: {},
      components: { db: { name: 'db', status: 'down', required: true, since: 1, details: {} } },
    });
  });
});

describe('the code of an error', () => {
  it.each<[unknown, unknown]>([
    [{ code: 'ECONNREFUSED' }, 'ECONNREFUSED'],
    [{ code: 'A'.repeat(40) }, 'A'.repeat(40)],
    [{ code: 'A'.repeat(41) }, undefined],
    [{ code: 'select * from users' }, undefined],
    [{ code: 'lower' }, undefined],
    [{ code: 'lower', status: 503 }, 503],
    [{ status: 404 }, 404],
    [{ code: 14 }, undefined],
    [undefined, undefined],
    ['ECONNREFUSED', undefined],
  ])('%o', (error, code) => expect(codeOf(error)).toBe(code));
});

describe('the text of a transition', () => {
  const opened = (cause: unknown): string => eventMessage({ type: 'opened', policy: 'db', kind: 'circuitBreaker', at: 0, until: 5_000, cause } as never).text;
  it('has a code or a status at most', () => {
    expect(opened({ code: 'ECONNREFUSED' })).toBe('db: circuit opened (ECONNREFUSED), for 5 s');
    expect(opened({ status: 503 })).toBe('db: circuit opened (503), for 5 s');
    expect(opened(Object.assign(new Error('secret'), { name: 'secret', code: 'secret text' }))).toBe('db: circuit opened, for 5 s');
    expect(opened('secret')).toBe('db: circuit opened, for 5 s');
  });
});

describe('latencies', () => {
  it('are told within 9 %, and each once', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 1, max: 900_000, noNaN: true }), { minLength: 1, maxLength: 200 }), (durations) => {
      const buckets = new LatencyBuckets();
      for (const duration of durations) buckets.add(duration);
      const sorted = [...durations].sort((a, b) => a - b);
      const { count, p50, p99 } = buckets.take()!;
      expect(count).toBe(durations.length);
      for (const [share, told] of [[0.5, p50], [0.99, p99]] as const) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
        expect(told).toBeGreaterThanOrEqual(exact - 0.01);
        expect(told).toBeLessThanOrEqual(exact * 1.091 + 0.01);
      }
      expect(buckets.take()).toBeUndefined();
    }));
  });

  it('may be nothing, or without end', () => {
    const buckets = new LatencyBuckets();
    for (const duration of [0, 0.2, NaN, -1, 1e12]) buckets.add(duration);
    expect(buckets.take()).toStrictEqual({ count: 3, p50: 1, p99: 2 ** 20 });
  });
});

describe('the feed of policies', () => {
  const view = (policy: string, calls: number): PolicyView => ({ policy, kind: 'retry', mode: 'enforce', metrics: { calls }, health: { name: policy, status: 'up', required: false, since: 0, details: {} } });

  it('tells all at first, then what changed and what is gone', () => {
    const feed = new PoliciesFeed(true);
    feed.look([view('a', 1), view('b', 1)], 10);
    expect(data(feed.since(0))).toMatchObject({ at: 10, whole: true, control: true, policies: [{ policy: 'a' }, { policy: 'b' }], gone: [] });
    const seen = feed.version;
    feed.look([view('a', 1), view('b', 1)], 20);
    expect(feed.version).toBe(seen);
    feed.look([view('a', 2)], 30);
    expect(data(feed.since(seen))).toMatchObject({ at: 30, whole: false, policies: [{ policy: 'a', metrics: { calls: 2 } }], gone: [{ policy: 'b', kind: 'retry' }] });
    feed.look([view('a', 2), view('b', 1)], 40);
    expect(data(feed.since(seen))).toMatchObject({ policies: [{ policy: 'a' }, { policy: 'b' }], gone: [] });
  });

  it('writes a message once, for however many clients', () => {
    const feed = new PoliciesFeed(false);
    feed.look([view('a', 1)], 0);
    expect(feed.since(0)).toBe(feed.since(0));
  });

  it('tells who comes late how it is now, though nothing has changed since', () => {
    const feed = new PoliciesFeed(false);
    feed.look([view('a', 1)], 0);
    feed.since(0);
    feed.look([view('a', 1)], 60_000);
    expect(data(feed.since(0))).toMatchObject({ at: 60_000, whole: true });
  });

  it('forgets who has gone, and tells all to those who are too far behind', () => {
    const feed = new PoliciesFeed(false);
    feed.look([view('first', 0)], 0);
    for (let i = 0; i < 1_000; i++) feed.look([view(`p${i}`, 0)], i);
    expect(data(feed.since(1))).toMatchObject({ whole: true, policies: [{ policy: 'p999' }], gone: [] });
    expect(data(feed.since(feed.version - 50)).gone.length).toBe(50);
    expect((feed as unknown as { gone: Map<string, unknown> }).gone.size).toBeLessThanOrEqual(60);
  });
});

it('the health of a board is told as it is now, and written once for all who come at one time', () => {
  const { advance, scheduler } = virtual();
  const watch = new BoardWatch(healthBoard({}), scheduler);
  const first = watch.message();
  expect(watch.message()).toBe(first);
  advance(60_000);
  expect(data(watch.message())).toMatchObject({ at: 60_000, live: { status: 'up' } });
  watch.dispose();
});

describe('the feed of transitions', () => {
  const transition = (id: number) => ({ id, event: { type: 'reset', policy: 'a', kind: 'retry', at: id } as const });
  const read = (feed: TransitionFeed, cursor: number): number[] => {
    const ids: number[] = [];
    for (let next = feed.after(cursor); next !== undefined; next = feed.after(next.id)) ids.push(next.id);
    return ids;
  };

  it('goes on where the client was', () => {
    const feed = new TransitionFeed('me', [3, 4, 5].map(transition));
    expect(read(feed, feed.cursorOf('me-4'))).toStrictEqual([5]);
    expect(read(feed, feed.cursorOf('me-5'))).toStrictEqual([]);
    feed.add(transition(6));
    expect(read(feed, 5)).toStrictEqual([6]);
    expect(text(feed.after(5)!.bytes)).toContain('id: me-6\nevent: event\n');
  });

  it.each([undefined, '', 'me', 'me-', 'me-6', 'me-1e1', 'me--1', 'other-4', '4', 'me-99999999999999999999'])('tells all that there is to %s', (id) => {
    const feed = new TransitionFeed('me', [3, 4, 5].map(transition));
    expect(read(feed, feed.cursorOf(id))).toStrictEqual([3, 4, 5]);
  });

  it('stays bounded without an end, and is in order', () => {
    const feed = new TransitionFeed('me', []);
    for (let id = 1; id <= 10_000; id++) feed.add(transition(id));
    const ids = read(feed, 0);
    expect(ids.length).toBeGreaterThanOrEqual(1_000);
    expect(ids.length).toBeLessThan(2_000);
    expect(ids.at(-1)).toBe(10_000);
    expect(ids).toStrictEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
