import { context, metrics, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { defer, NEVER, of, throwError } from 'rxjs';
import { bulkhead, circuitBreaker, constant, fixedLimit, type LoadShed, loadShed, loadShedder } from 'rxjs-resilience';
import { policyRegistry, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { openTelemetryMetrics } from 'rxjs-resilience/opentelemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, ok, run, shop, type Shop } from '../prometheus/shop.js';
import { virtual } from '../virtual.js';

const tracer = new BasicTracerProvider().getTracer('test');
const meter = metrics.getMeter('none');

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

/** Runs it with a span that is active, and gives the span. */
function inSpan(name: string, work: () => void): Span {
  const span = tracer.startSpan(name);
  context.with(trace.setSpan(context.active(), span), work);
  return span;
}

/** The events on a span: names and attributes without those that say which policy. */
function eventsOn(span: Span): readonly unknown[] {
  return (span as unknown as ReadableSpan).events.map(({ attributes = {}, name }) => {
    const { 'resilience.policy.kind': kind, 'resilience.policy.name': policy, ...own } = attributes;
    return [name, `${String(kind)} ${String(policy)}`, own];
  });
}

function watched(): Shop {
  const made = shop();
  openTelemetryMetrics(made.registry, { meter, durations: false });
  return made;
}

describe('on the span of a call', () => {
  it('is each retry, though the later ones begin by a timer of the platform', async () => {
    const registry = policyRegistry();
    openTelemetryMetrics(registry, { meter });
    const retry = registry.register(retryWithBackoff(constant(5), { name: 'retries', maxRetries: 2, budget: false }));
    const spans: Span[] = [];
    const calls = ['one', 'two'].map((name) => new Promise((ended) => {
      spans.push(inSpan(name, () => failing.pipe(retry).subscribe({ error: ended })));
    }));
    await Promise.all(calls);
    const events = [1, 2].map((attempt) => {
      return ['resilience.retry', 'retry retries', { 'resilience.attempt': attempt, 'resilience.delay': 0.005, 'resilience.cause': '5xx' }];
    });
    expect(spans.map(eventsOn)).toStrictEqual([events, events]);
  });

  it('is its refusal while it waits, whoever or whatever has brought that about', () => {
    const { advance, scheduler } = virtual();
    const registry = policyRegistry();
    openTelemetryMetrics(registry, { meter });
    const pool = registry.register(bulkhead(1, { size: 5, timeout: 100 }, { name: 'pool', scheduler }));
    const shedder = loadShedder({ limit: fixedLimit(1), queue: 1 });
    const [low, high] = (['sheddable', 'critical'] as const).map((name) => registry.register(loadShed(name, { name, shedder })));
    const held = (policy: typeof pool | LoadShed): void => void NEVER.pipe(policy).subscribe({ error: () => undefined });
    held(pool);
    held(low!);
    const waiting = inSpan('waits for too long', () => held(pool));
    const clock = inSpan('clock', () => advance(1_000));
    const displaced = inSpan('displaced', () => held(low!));
    const displacing = inSpan('displacing', () => held(high!));
    const counts = [waiting, clock, displaced, displacing].map((span) => eventsOn(span).length);
    expect(counts).toStrictEqual([1, 0, 1, 0]);
  });

  it('is the transition that it has caused, and its refusal', () => {
    const { breaker } = watched();
    const spans = Array.from({ length: 4 }, (_, n) => inSpan(`call ${n}`, () => run(failing.pipe(breaker))));
    expect(spans.map(eventsOn)).toStrictEqual([
      [],
      [],
      [['resilience.transition', 'circuitBreaker catalog', { 'resilience.transition': 'opened', 'resilience.cause': '5xx' }]],
      [['resilience.refusal', 'circuitBreaker catalog', { 'resilience.reason': 'open', 'resilience.retry_after': 1 }]],
    ]);
  });

  it('is what is done by hand, and a circuit that is tried and closes', () => {
    const { advance, breaker } = watched();
    for (let n = 0; n < 3; n++) run(failing.pipe(breaker));
    advance(1_000);
    const span = inSpan('call', () => {
      run(ok.pipe(breaker));
      breaker.isolate('op').release();
      breaker.reset('op');
    });
    const transitions = ['halfOpened', 'closed', 'isolated', 'released', 'reset'];
    expect(eventsOn(span).map((event) => (event as readonly { 'resilience.transition': string }[])[2]!['resilience.transition'])).toStrictEqual(
      expect.arrayContaining(transitions),
    );
  });

  it('is the end of its time, whoever has armed the timer', () => {
    const { advance, after, deadline } = watched();
    const first = inSpan('first', () => run(after(500).pipe(deadline)));
    const second = inSpan('second', () => run(after(500).pipe(deadline)));
    inSpan('clock', () => advance(1_000));
    const expired = [
      ['resilience.expiry', 'deadline time', { 'resilience.budget': 0.1, 'resilience.started': true, 'resilience.stalled': false }],
    ];
    expect([first, second].map(eventsOn)).toStrictEqual([expired, expired]);
  });

  it('is that it was shed, with its priority', () => {
    const { after, shed } = watched();
    run(after(500).pipe(shed));
    const span = inSpan('call', () => run(ok.pipe(shed)));
    expect(eventsOn(span)).toStrictEqual([
      ['resilience.refusal', 'loadShed shed', { 'resilience.reason': 'full', 'resilience.priority': 'sheddable' }],
    ]);
  });

  it('is what happens after it has waited in a queue, not on the span of the call that lets it go on', () => {
    const { advance, after, pool, retry } = watched();
    let tries = 0;
    const holder = inSpan('holder', () => run(after(50).pipe(pool)));
    const queued = inSpan('queued', () => run(defer(() => (++tries < 2 ? failing : ok)).pipe(pool, retry)));
    expect(eventsOn(queued)).toStrictEqual([]);
    advance(200);
    expect(tries).toBe(2);
    expect([holder, queued].map((span) => eventsOn(span).length)).toStrictEqual([0, 1]);
  });

  it('is nothing of an error but its code', () => {
    const registry = policyRegistry();
    openTelemetryMetrics(registry, { meter });
    const { advance, scheduler } = virtual();
    const retry = registry.register(retryWithBackoff(constant(1), { name: 'x'.repeat(500), maxRetries: 1, scheduler, budget: false }));
    const secret = 'user 4711 has no credit';
    const errors = [
      Object.assign(new Error(secret), { code: 'ECONNRESET' }),
      Object.assign(new Error(secret), { code: secret }),
      { get code() { throw new Error(secret); } },
      secret,
    ];
    const span = inSpan('call', () => errors.forEach((error) => run(throwError(() => error).pipe(retry))));
    advance(10);
    const { events } = span as unknown as ReadableSpan;
    expect(events.map(({ attributes }) => attributes!['resilience.cause'])).toStrictEqual(['ECONNRESET', 'other', 'other', 'other']);
    expect(JSON.stringify(events)).not.toContain('4711');
    expect(events.map(({ attributes }) => attributes!['resilience.policy.name'])).toStrictEqual(events.map(() => 'x'.repeat(200)));
  });
});

describe('no span event', () => {
  it('is made where no span is active, none is recorded, or nobody wants it', () => {
    const { breaker, registry } = shop();
    const attached = openTelemetryMetrics(registry, { meter, spanEvents: false });
    for (let n = 0; n < 3; n++) run(failing.pipe(breaker));
    expect(eventsOn(inSpan('call', () => run(ok.pipe(breaker))))).toStrictEqual([]);
    attached.unsubscribe();

    const watching = openTelemetryMetrics(registry, { meter });
    run(ok.pipe(breaker));
    const ended = inSpan('ended', () => {
      trace.getActiveSpan()!.end();
      run(ok.pipe(breaker));
    });
    expect(eventsOn(ended)).toStrictEqual([]);
    watching.unsubscribe();
    expect(eventsOn(inSpan('call', () => run(ok.pipe(breaker))))).toStrictEqual([]);
  });

  it('is made of a call that goes well', () => {
    const registry = policyRegistry();
    openTelemetryMetrics(registry, { meter });
    const all = [circuitBreaker(), bulkhead(1, 1), withDeadline(1_000), retryWithBackoff()].map((policy) => registry.register(policy));
    const span = inSpan('call', () => run(all.reduce((source, policy) => source.pipe(policy as never), of(1))));
    expect(eventsOn(span)).toStrictEqual([]);
  });
});
