import * as fc from 'fast-check';
import type { IncomingMessage } from 'node:http';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import {
  absoluteDeadline, type CallContext, currentContext, Deadline, decodePriority, encodePriority, envoyTimeout, grpcTimeout, outgoingHeaders,
  type Priority, requestTimeout,
} from '../../src/index.js';
import { deadlineMiddleware } from '../../src/node/index.js';

const runs = { numRuns: Number(process.env['RESILIENCE_RUNS'] ?? 1_000) };
const still = (frame: number): TestScheduler => Object.assign(new TestScheduler(() => undefined), { frame });

const codecs = [requestTimeout, grpcTimeout, envoyTimeout, absoluteDeadline()];
const codec = fc.constantFrom(...codecs);
/** Every magnitude from a part of a nanosecond to longer than anybody lives, and what is no time at all. */
const milliseconds = fc.oneof(
  fc.double({ min: 0, max: 1e5, noNaN: true }),
  fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -12, max: 20 })).map(([digits, power]) => digits * 10 ** power),
  fc.integer({ min: 0, max: 2 ** 40 }),
  fc.constantFrom(0, -1, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 31, 99_999_999, 100_000),
);
const epoch = fc.double({ min: 0, max: 4e12, noNaN: true });
/** Mostly what looks like something that can be read. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.stringMatching(/^[ \t]?[-+]?\d{0,20}[HMSmun.,e]?\d{0,3}[ \t]?$/),
  fc.array(fc.constantFrom('u=', '0', '3', '7', '8', ',', ';', ' ', '\t', 'i', '=', '-', '\r\n', 'x'), { maxLength: 20 }).map((parts) => parts.join('')),
);
const priority = fc.constantFrom<Priority>('criticalPlus', 'critical', 'sheddablePlus', 'sheddable');

describe('a codec', () => {
  it('never promises more than is left, and little less', () => {
    fc.assert(
      fc.property(codec, milliseconds, epoch, (one, left, now) => {
        const read = one.decode(one.encode(left, now), now);
        const real = left > 0 ? left : 0;
        expect(read).not.toBe(null);
        expect(read!).toBeGreaterThanOrEqual(0);
        expect(read!).toBeLessThanOrEqual(real);
        // The coarsest step of what is written, for what a request can wait.
        const step = one === grpcTimeout ? Math.max(1e-6, real * 1e-5) : one.header === 'X-Deadline' ? 2 : 1;
        if (real < 2 ** 31) expect(real - read!).toBeLessThanOrEqual(step);
      }),
      runs,
    );
  });

  it('writes digits, and the unit of gRPC, and nothing else', () => {
    fc.assert(
      fc.property(codec, milliseconds, epoch, (one, left, now) => {
        expect(one.encode(left, now)).toMatch(one === grpcTimeout ? /^\d{1,8}[HMSmun]$/ : /^\d{1,15}$/);
      }),
      runs,
    );
  });

  it('reads a time that is finite and not negative, or nothing, from whatever it is sent', () => {
    fc.assert(
      fc.property(codec, text, epoch, (one, value, now) => {
        const read = one.decode(value, now);
        if (read !== null) expect(read >= 0 && Number.isFinite(read) && /^[ \t]*\d{1,15}[HMSmun]?[ \t]*$/.test(value)).toBe(true);
      }),
      runs,
    );
  });

  it('orders times as they are', () => {
    fc.assert(
      fc.property(codec, milliseconds, milliseconds, epoch, (one, a, b, now) => {
        const [less, more] = Number.isNaN(a) || Number.isNaN(b) || a <= b ? [a, b] : [b, a];
        if (Number.isNaN(less) || Number.isNaN(more)) return;
        expect(one.decode(one.encode(less, now), now)!).toBeLessThanOrEqual(one.decode(one.encode(more, now), now)!);
      }),
      runs,
    );
  });
});

describe('an instant, read by a clock that differs', () => {
  it('is longer than the truth by no more than the clocks differ, and never longer than the maximum', () => {
    const skews = fc.oneof(fc.integer({ min: -4_000_000, max: 4_000_000 }), fc.constantFrom(-3_600_000, 3_600_000));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 60_000 }), skews, (left, maximum, skew) => {
        const instant = absoluteDeadline();
        const sent = still(1_800_000_000_000);
        const received = still(1_800_000_000_000 + skew);
        const headers = outgoingHeaders({ attempt: 1, deadline: Deadline.after(left, sent) }, { codec: instant, reserve: 0 });
        const seen = seenBy(headers, { maximum, accept: [instant], scheduler: received });
        const real = left - skew;
        if (real < -5_000) expect(seen).toStrictEqual({ attempt: 1 });
        else if (real <= 0) expect(seen).toBe('refused');
        else expect(seen === 'refused' ? 0 : seen.deadline!.remaining()).toBe(Math.min(real, maximum));
      }),
      runs,
    );
  });
});

describe('a priority', () => {
  it('is what it was when it arrives', () => {
    for (const one of ['criticalPlus', 'critical', 'sheddablePlus', 'sheddable'] as const) expect(decodePriority(encodePriority(one))).toBe(one);
  });

  it('is one of four, or none, whatever was sent', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect([null, 'criticalPlus', 'critical', 'sheddablePlus', 'sheddable']).toContain(decodePriority(value));
      }),
      runs,
    );
  });
});

describe('headers, from service to service', () => {
  it('carry less time at each one, and never more importance', () => {
    const hops = fc.array(fc.record({ codec: fc.constantFrom(requestTimeout, grpcTimeout, envoyTimeout), spent: fc.nat(400), reserve: fc.nat(20) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000 }), priority, hops, (left, first, services) => {
        let context: CallContext = { attempt: 1, deadline: Deadline.after(left, still(0)), priority: first };
        for (const { codec: one, spent, reserve } of services) {
          const before = context.deadline!.remaining();
          (context.deadline!.scheduler as TestScheduler).frame += spent;
          const seen = seenBy(outgoingHeaders(context, { codec: one, reserve }), { scheduler: still(spent), trustPriority: () => true });
          if (seen === 'refused') {
            expect(before - spent - reserve).toBeLessThan(1);
            return;
          }
          expect(seen.deadline!.remaining()).toBeLessThanOrEqual(Math.max(0, before - spent - reserve));
          expect(seen.priority).toBe(first === 'criticalPlus' || first === 'critical' ? undefined : first);
          context = { ...seen, priority: seen.priority ?? 'critical' };
        }
      }),
      runs,
    );
  });

  it('of whatever kind never make the middleware throw', () => {
    const headers = fc.dictionary(
      fc.constantFrom('x-request-timeout-ms', 'grpc-timeout', 'x-envoy-expected-rq-timeout-ms', 'priority', 'x-deadline'),
      fc.oneof(text, fc.array(text), fc.constant(undefined)),
    );
    fc.assert(
      fc.property(headers, (sent) => {
        const accept = codecs;
        const seen = seenBy(sent, { accept, maximum: 7_000, scheduler: still(0), trustPriority: () => true });
        if (seen !== 'refused' && seen.deadline !== undefined) expect(seen.deadline.remaining()).toBeLessThanOrEqual(7_000);
      }),
      runs,
    );
  });
});

type Options = Parameters<typeof deadlineMiddleware>[0];

/** What a handler of the middleware sees of a request with these headers. */
function seenBy(headers: Record<string, unknown>, options: Options): CallContext | 'refused' {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const rawHeaders = Object.entries(lower).flatMap(([name, value]) => (typeof value === 'string' ? [name, value] : []));
  const req = { method: 'POST', headers: lower, rawHeaders } as unknown as IncomingMessage;
  let seen: CallContext | 'refused' = 'refused';
  const res = { setHeader: () => undefined, end: () => undefined } as never;
  deadlineMiddleware(options)(req, res, () => (seen = currentContext()));
  return seen;
}
