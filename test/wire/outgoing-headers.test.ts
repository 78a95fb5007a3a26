import { firstValueFrom, of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import {
  absoluteDeadline, attempt, type CallContext, constant, Deadline, envoyTimeout, grpcTimeout, loadShed, type OutgoingOptions, outgoingHeaders,
  retryWithBackoff, runInContext, withDeadline,
} from '../../src/index.js';

const still = (frame = 0): TestScheduler => Object.assign(new TestScheduler(() => undefined), { frame });
const left = (ms: number, more: Partial<CallContext> = {}): CallContext => ({ attempt: 1, deadline: Deadline.after(ms, still()), ...more });

describe('outgoingHeaders', () => {
  it.each<readonly [string, CallContext, OutgoingOptions | undefined, Record<string, string>]>([
    ['nothing is known', { attempt: 1 }, undefined, {}],
    ['there is a deadline', left(1_000), undefined, { 'X-Request-Timeout-Ms': '995' }],
    ['there is a priority', { attempt: 1, priority: 'sheddable' }, undefined, { Priority: 'u=7' }],
    ['there are both', left(1_000, { priority: 'criticalPlus' }), {}, { 'X-Request-Timeout-Ms': '995', Priority: 'u=0' }],
    ['the priority stays here', left(1_000, { priority: 'critical' }), { priority: false }, { 'X-Request-Timeout-Ms': '995' }],
    ['nothing is kept back', left(1_000), { reserve: 0 }, { 'X-Request-Timeout-Ms': '1000' }],
    ['more is kept back', left(1_000), { reserve: 50.5 }, { 'X-Request-Timeout-Ms': '949' }],
    ['more is kept back than there is', left(40), { reserve: 50 }, { 'X-Request-Timeout-Ms': '0' }],
    ['less is left than is kept back', left(4), undefined, { 'X-Request-Timeout-Ms': '0' }],
    ['it is over', left(0), undefined, { 'X-Request-Timeout-Ms': '0' }],
    ['it goes to gRPC', left(1_005), { codec: grpcTimeout }, { 'grpc-timeout': '1000000u' }],
    ['it goes to Envoy', left(1_005), { codec: envoyTimeout }, { 'x-envoy-expected-rq-timeout-ms': '1000' }],
    ['there is more that is nobody else\'s business', left(1_005, { attempt: 3, tags: { user: 'a' } }), undefined, { 'X-Request-Timeout-Ms': '1000' }],
    ['every option is left out', left(1_005), { codec: undefined, reserve: undefined, priority: undefined }, { 'X-Request-Timeout-Ms': '1000' }],
  ])('where %s', (_what, context, options, expected) => {
    expect(outgoingHeaders(context, options)).toStrictEqual(expected);
  });

  it('tells an instant by the clock of the deadline', () => {
    const deadline = Deadline.after(1_005, still(1_800_000_000_000));
    expect(outgoingHeaders({ attempt: 1, deadline }, { codec: absoluteDeadline() })).toStrictEqual({ 'X-Deadline': '1800000001000' });
  });

  it('takes a deadline of another copy of the library as it is', () => {
    const deadline = { remaining: () => 1_005 } as Deadline;
    expect(outgoingHeaders({ attempt: 1, deadline })).toStrictEqual({ 'X-Request-Timeout-Ms': '1000' });
  });

  it('says what is left now', () => {
    new TestScheduler(() => undefined).run(({ flush }) => {
      const deadline = Deadline.after(1_005);
      const seen: string[] = [];
      const note = (): void => void seen.push(outgoingHeaders({ attempt: 1, deadline })['X-Request-Timeout-Ms']!);
      note();
      attempt(() => { note(); throw Object.assign(new Error('again'), { code: 'EPIPE' }); })
        .pipe(retryWithBackoff(constant(100), { maxRetries: 2, random: () => 0.5 }))
        .subscribe({ error: () => undefined });
      flush();
      expect(seen).toStrictEqual(['1000', '1000', '900', '800']);
    });
  });

  it('reads the context in which it is called, and leaves the browser\'s own default alone outside of any', async () => {
    expect(outgoingHeaders()).toStrictEqual({});
    const found = runInContext({ priority: 'sheddablePlus', deadline: Deadline.after(1_005, still()) }, () => outgoingHeaders());
    expect(found).toStrictEqual({ 'X-Request-Timeout-Ms': '1000', Priority: 'u=5' });
    const inCall = attempt(() => of(outgoingHeaders())).pipe(loadShed('criticalPlus'), withDeadline(500, { scheduler: still() }));
    expect(await firstValueFrom(inCall)).toStrictEqual({ 'X-Request-Timeout-Ms': '495', Priority: 'u=0' });
  });

  it('puts nothing into a header that somebody has put into a context', () => {
    const hostile = 'x\r\nSet-Cookie: admin=1';
    const context = {
      attempt: hostile, priority: hostile, tags: { [hostile]: hostile, header: hostile },
      deadline: { remaining: () => hostile, scheduler: { now: () => hostile } },
    } as unknown as CallContext;
    for (const codec of [undefined, grpcTimeout, envoyTimeout, absoluteDeadline()]) {
      for (const value of Object.values(outgoingHeaders(context, { codec }))) expect(value).toMatch(/^(?:\d+|0n|u=3|NaN)$/);
    }
  });

  it('can be changed without changing those of another call', () => {
    const context = left(1_005);
    outgoingHeaders(context)['X-Request-Timeout-Ms'] = '9';
    expect(outgoingHeaders(context)).toStrictEqual({ 'X-Request-Timeout-Ms': '1000' });
  });

  it.each<readonly [unknown, typeof TypeError | typeof RangeError, RegExp]>([
    [{ reserve: -1 }, RangeError, /reserve must be of at least 0 and finite, got -1/],
    [{ reserve: NaN }, RangeError, /reserve/],
    [{ reserve: '5' }, TypeError, /reserve must be a number .* got '5'/],
    [{ priority: 'critical' }, TypeError, /priority must be true or false, got 'critical'/],
    [{ codec: 'grpc-timeout' }, TypeError, /codec must be a codec such as requestTimeout, got 'grpc-timeout'/],
    [{ codec: { header: '', encode: String, decode: Number } }, TypeError, /codec must be a codec/],
    [{ codec: { header: 'X', encode: String } }, TypeError, /codec must be a codec/],
    [{ reserved: 5 }, TypeError, /outgoingHeaders has no option 'reserved'; did you mean 'reserve'/],
    [null, TypeError, /options must be an object/],
  ])('refuses %o', (options, error, message) => {
    const make = (): unknown => outgoingHeaders({ attempt: 1 }, options as object);
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });
});
