import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { TestScheduler } from 'rxjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  absoluteDeadline, type CallContext, currentContext, Deadline, type DeadlineCodec, DeadlineExceededError, encodePriority, requestTimeout,
  runInContext,
} from '../../src/index.js';
import { deadlineMiddleware, type DeadlineMiddlewareOptions, toHttpResponse } from '../../src/node/index.js';

/** A scheduler that stands still, so that what is left is exact. */
const still = (): TestScheduler => new TestScheduler(() => undefined);

type Header = readonly [name: string, value: string];

interface Outcome {
  /** What the handler saw, or nothing where it was not called. */
  readonly context: CallContext | undefined;
  readonly left: number | undefined;
  readonly status: number;
  readonly body: string;
}

let server: ReturnType<typeof createServer>;
let serve: (req: IncomingMessage, res: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((req, res) => serve(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

/** The headers as they are written, names as they are spelt, twice where they are twice. */
async function receive(options: DeadlineMiddlewareOptions, headers: readonly Header[], method = 'GET'): Promise<Outcome> {
  const deadline = deadlineMiddleware({ scheduler: still(), ...options });
  let context: CallContext | undefined;
  let left: number | undefined;
  serve = (req, res) =>
    deadline(req, res, () => {
      context = currentContext();
      left = context.deadline?.remaining();
      res.end('done');
    });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const lines = [`${method} / HTTP/1.1`, 'Host: x', 'Connection: close', ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  const answer = Buffer.concat(await socket.toArray()).toString();
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { context, left, status: Number(head.split(' ')[1]), body };
}

const left = async (options: DeadlineMiddlewareOptions, ...headers: Header[]) => (await receive(options, headers)).left;

describe('what a header asks for', () => {
  it.each<readonly [Header, number]>([
    [['X-Request-Timeout-Ms', '1500'], 1_500],
    [['x-request-timeout-ms', '1500'], 1_500],
    [['X-REQUEST-TIMEOUT-MS', '  007\t'], 7],
    [['grpc-timeout', '1500m'], 1_500],
    [['grpc-timeout', '2S'], 2_000],
    [['Grpc-Timeout', '250000u'], 250],
    [['x-envoy-expected-rq-timeout-ms', '300'], 300],
  ])('%s: what is left is %d ms', async (header, ms) => {
    expect(await left({}, header)).toBe(ms);
  });

  it.each<readonly [string, Header]>([
    ['a sign', ['X-Request-Timeout-Ms', '+100']],
    ['a negative one', ['X-Request-Timeout-Ms', '-100']],
    ['a fraction', ['X-Request-Timeout-Ms', '1.5']],
    ['an exponent', ['X-Request-Timeout-Ms', '1e3']],
    ['a hexadecimal', ['X-Request-Timeout-Ms', '0x10']],
    ['a word', ['X-Request-Timeout-Ms', 'Infinity']],
    ['nothing', ['X-Request-Timeout-Ms', '']],
    ['other digits', ['X-Request-Timeout-Ms', '١٢']],
    ['a list', ['X-Request-Timeout-Ms', '100, 200']],
    ['a huge one', ['X-Request-Timeout-Ms', '9'.repeat(400)]],
    ['more than any timer takes', ['X-Request-Timeout-Ms', String(2 ** 31)]],
    ['no unit', ['grpc-timeout', '100']],
    ['a unit of another kind', ['grpc-timeout', '100s']],
    ['nine digits', ['grpc-timeout', '100000000m']],
    ['a header that nobody accepts', ['X-Deadline', '100']],
  ])('%s is as good as none', async (_what, header) => {
    expect(await receive({}, [header])).toMatchObject({ context: { attempt: 1 }, left: undefined, status: 200 });
    expect(await left({ fallback: 70 }, header)).toBe(70);
  });

  it('is ignored where it was sent twice, even alike, and however it is spelt', async () => {
    expect(await left({}, ['X-Request-Timeout-Ms', '100'], ['X-Request-Timeout-Ms', '100'])).toBeUndefined();
    expect(await left({}, ['X-Request-Timeout-Ms', '100'], ['x-request-timeout-ms', '200'])).toBeUndefined();
    expect(await left({}, ['X-Request-Timeout-Ms', '1'], ['x-request-timeout-ms', '2'], ['grpc-timeout', '3m'])).toBe(3);
  });

  it('is ignored where it was sent twice also under a name of which Node keeps one', async () => {
    const accept = [absoluteDeadline({ header: 'Expires' }), { ...requestTimeout, header: 'Retry-After' }];
    expect(await left({ accept }, ['Retry-After', '100'], ['Retry-After', '200'])).toBeUndefined();
    expect(await left({ accept }, ['Retry-After', '100'])).toBe(100);
  });

  it('counts by the first header of `accept` that can be read, in whatever order they came', async () => {
    const all: Header[] = [['x-envoy-expected-rq-timeout-ms', '3'], ['grpc-timeout', '2m'], ['X-Request-Timeout-Ms', '1']];
    expect(await left({}, ...all)).toBe(1);
    expect(await left({}, ...all.slice(0, 2), ['X-Request-Timeout-Ms', 'soon'])).toBe(2);
    expect(await left({ accept: [] }, ...all)).toBeUndefined();
    expect(await left({ accept: [], fallback: 9 }, ...all)).toBe(9);
  });

  it('is cut to the maximum, and the fallback stands back behind it', async () => {
    expect(await left({}, ['X-Request-Timeout-Ms', '60001'])).toBe(60_000);
    expect(await left({ maximum: 80 }, ['grpc-timeout', '99999999H'])).toBe(80);
    expect(await left({ maximum: 80, fallback: 70 }, ['X-Request-Timeout-Ms', '75'])).toBe(75);
    expect(await left({ maximum: 80, fallback: 70 })).toBe(70);
    expect(await left({ maximum: 80 })).toBeUndefined();
  });
});

describe('an absolute deadline', () => {
  const now = 1_800_000_000_000;
  const at = (offset: number): DeadlineMiddlewareOptions => {
    const scheduler = still();
    scheduler.frame = now;
    return { accept: [absoluteDeadline()], scheduler, maximum: 10_000 + offset };
  };
  const hour = 3_600_000;

  it('counts from the clock of who receives it', async () => {
    expect(await left(at(0), ['X-Deadline', String(now + 1_500)])).toBe(1_500);
  });

  it('is no longer than the maximum, whatever the clocks say', async () => {
    expect(await left(at(0), ['X-Deadline', String(now + hour + 1_500)])).toBe(10_000);
    expect(await left(at(0), ['X-Deadline', '9'.repeat(15)])).toBe(10_000);
    expect(await left({ ...at(0), fallback: 400 }, ['X-Deadline', '9'.repeat(16)])).toBe(400);
  });

  it('is over where it has been over for less than clocks may differ, and says nothing beyond that', async () => {
    expect((await receive(at(0), [['X-Deadline', String(now)]])).status).toBe(504);
    expect((await receive(at(0), [['X-Deadline', String(now - 5_000)]])).status).toBe(504);
    expect(await left({ ...at(0), fallback: 400 }, ['X-Deadline', String(now - hour)])).toBe(400);
  });
});

describe('a codec of somebody else', () => {
  const codec = (decode: () => unknown): DeadlineCodec => ({ header: 'X-Theirs', encode: String, decode: decode as () => number });
  it.each<readonly [string, () => unknown]>([
    ['throws', () => { throw new Error('hunter2'); }],
    ['gives NaN', () => NaN],
    ['gives a negative time', () => -1],
    ['gives a text', () => '100'],
    ['gives undefined', () => undefined],
  ])('that %s is passed over', async (_what, decode) => {
    const accept = [codec(decode), requestTimeout];
    expect(await left({ accept }, ['X-Theirs', '1'], ['X-Request-Timeout-Ms', '40'])).toBe(40);
  });

  it('may leave it to the maximum', async () => {
    expect(await left({ accept: [codec(() => Infinity)], maximum: 30 }, ['X-Theirs', 'for ever'])).toBe(30);
  });
});

describe('a request whose time is over', () => {
  it.each<Header>([['X-Request-Timeout-Ms', '0'], ['grpc-timeout', '0n'], ['x-envoy-expected-rq-timeout-ms', '000']])(
    '%s: %s is answered with 504, and nothing is run',
    async (...header) => {
      const { context, status, body } = await receive({}, [header]);
      const facts = { started: false, budget: 0, shortened: false, stalled: false, hungAfter: 0, ran: 0 };
      const expected = toHttpResponse(new DeadlineExceededError('secret', facts));
      expect({ context, status, body: JSON.parse(body) }).toStrictEqual({ context: undefined, status: 504, body: expected.body });
      expect(body).toBe('{"error":"Gateway Timeout"}');
    },
  );

  it('is answered without a body where it was HEAD', async () => {
    expect(await receive({}, [['X-Request-Timeout-Ms', '0']], 'HEAD')).toMatchObject({ status: 504, body: '' });
  });
});

describe('a priority', () => {
  const trusted: DeadlineMiddlewareOptions = { trustPriority: () => true };
  const priority = async (options: DeadlineMiddlewareOptions, ...headers: Header[]) => (await receive(options, headers)).context?.priority;

  it.each(['critical', 'sheddablePlus', 'sheddable', 'criticalPlus'] as const)('%s is not read where nobody says so', async (asked) => {
    expect(await priority({}, ['Priority', encodePriority(asked)])).toBeUndefined();
  });

  it.each([[false], ['yes'], [1], [Promise.resolve(true)], [undefined]])('%o is no yes', async (answer) => {
    expect(await priority({ trustPriority: () => answer as boolean }, ['Priority', 'u=7'])).toBeUndefined();
  });

  it('is not read where the question throws', async () => {
    const trustPriority = (req: IncomingMessage): boolean => String(req.headers['x-key'] as never).at(99)!.length > 0;
    expect(await receive({ trustPriority }, [['Priority', 'u=7']])).toMatchObject({ status: 200, context: { attempt: 1 } });
  });

  it('is read where the request is trusted', async () => {
    const trustPriority = (req: IncomingMessage): boolean => req.headers['x-internal'] === 'yes';
    expect(await priority({ trustPriority }, ['X-Internal', 'yes'], ['priority', 'u=7, i'])).toBe('sheddable');
    expect(await priority({ trustPriority }, ['X-Internal', 'no'], ['priority', 'u=7, i'])).toBeUndefined();
  });

  it.each<readonly [string, string | undefined]>([
    ['u=0', undefined], ['u=3', undefined], ['u=4', 'sheddablePlus'], ['u=5', 'sheddablePlus'], ['u=6', 'sheddable'], ['u=7', 'sheddable'],
    ['u=8', undefined], ['u=-1', undefined], ['u=77', undefined], ['sheddable', undefined], ['', undefined], ['u=9'.repeat(200), undefined],
  ])('%s gives %s: it lowers, and never raises', async (value, expected) => {
    expect(await priority(trusted, ['Priority', value])).toBe(expected);
  });

  it('sent twice is as good as none', async () => {
    expect(await priority(trusted, ['Priority', 'u=7'], ['Priority', 'u=7'])).toBeUndefined();
  });

  it.each([
    ['criticalPlus', 'u=3', 'critical'], ['criticalPlus', 'u=0', 'criticalPlus'], ['critical', 'u=0', 'critical'],
    ['sheddable', 'u=0', 'sheddable'], ['sheddable', 'u=5', 'sheddable'], ['sheddablePlus', 'u=7', 'sheddable'],
  ] as const)('of a route that is %s, asked for with %s, is %s', (own, value, expected) => {
    const req = { method: 'POST', headers: { priority: value } } as never;
    let seen: unknown;
    runInContext({ priority: own }, () => deadlineMiddleware(trusted)(req, {} as never, () => (seen = currentContext().priority)));
    expect(seen).toBe(expected);
  });
});

describe('a context that holds already', () => {
  const req = (headers: Record<string, unknown>) => ({ method: 'POST', headers }) as never;
  const res = {} as never;

  it('is not prolonged by a header', () => {
    const scheduler = still();
    const deadline = deadlineMiddleware({ scheduler });
    const seen: unknown[] = [];
    runInContext({ deadline: Deadline.after(50, scheduler), tags: { tenant: 'a' } }, () => {
      for (const asked of ['20', '80']) {
        deadline(req({ 'x-request-timeout-ms': asked }), res, () => {
          seen.push([currentContext().deadline!.remaining(), currentContext().tags]);
        });
      }
    });
    expect(seen).toStrictEqual([[20, { tenant: 'a' }], [50, { tenant: 'a' }]]);
  });

  it('answers with 504 also where it is that one which is over', () => {
    const scheduler = still();
    let called = false;
    const written = { setHeader: () => undefined, end: (body: string) => (written.body = body), statusCode: 0, body: '' };
    runInContext({ deadline: Deadline.after(0, scheduler) }, () =>
      deadlineMiddleware({ scheduler })(req({ 'x-request-timeout-ms': '80' }), written as never, () => (called = true)),
    );
    expect([called, written.statusCode, written.body]).toStrictEqual([false, 504, '{"error":"Gateway Timeout"}']);
  });

  it('is left behind where it is gone', () => {
    deadlineMiddleware()(req({ 'x-request-timeout-ms': '80' }), res, () => undefined);
    expect(currentContext()).toStrictEqual({ attempt: 1 });
  });

  it('reads headers that were made by hand', () => {
    let left: unknown;
    const deadline = deadlineMiddleware({ scheduler: still() });
    deadline(req({ 'x-request-timeout-ms': ['1', '2'], 'grpc-timeout': '9m' }), res, () => (left = currentContext().deadline?.remaining()));
    expect(left).toBe(9);
  });
});
