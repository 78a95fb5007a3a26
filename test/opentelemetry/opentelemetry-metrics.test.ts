import { metrics } from '@opentelemetry/api';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import { bulkhead, circuitBreaker, policyRegistry } from 'rxjs-resilience';
import { openTelemetryMetrics } from 'rxjs-resilience/opentelemetry';
import { expect, it } from 'vitest';
import { coreOf } from '../../src/operator/policy.js';
import { failing, ok, run, shop } from '../prometheus/shop.js';
import { otel, valueOf } from './collected.js';

const policy = (name: string, kind?: string) => ({ 'resilience.policy.name': name, ...(kind !== undefined && { 'resilience.policy.kind': kind }) });
const call = (name: string, outcome: string) => ({ ...policy(name, 'circuitBreaker'), 'resilience.outcome': outcome });

it('has every instrument by its name and unit', async () => {
  const { collect, meter } = otel();
  const { breaker, pool, registry, retry } = shop();
  openTelemetryMetrics(registry, { meter });
  run(ok.pipe(pool, breaker));
  run(failing.pipe(retry));
  const collected = await collect();
  expect(Object.entries(collected).map(([name, { unit }]) => `${name} ${unit}`)).toStrictEqual([
    'resilience.arrivals {call}',
    'resilience.calls {call}',
    'resilience.circuit.state {circuit}',
    'resilience.circuit.opened {opening}',
    'resilience.tries {try}',
    'resilience.retry.exhausted {call}',
    'resilience.retry.budget.remaining {retry}',
    'resilience.fallbacks {call}',
    'resilience.deadline.expired {call}',
    'resilience.bulkhead.active {call}',
    'resilience.bulkhead.queued {call}',
    'resilience.bulkhead.limit {call}',
    'resilience.shed {call}',
    'resilience.concurrency.limit {call}',
    'resilience.concurrency.used {call}',
    'resilience.policy.mode {policy}',
    'resilience.retries {retry}',
    'resilience.health {health}',
    'resilience.call.duration s',
    'resilience.queue.wait s',
  ]);
  expect(Object.values(collected).every(({ description }) => description.endsWith('.'))).toBe(true);
});

it('counts calls and retries, shows states and health, and times calls', async () => {
  const { collect, meter } = otel();
  const { advance, after, breaker, pool, registry, retry } = shop();
  openTelemetryMetrics(registry, { meter, buckets: [0.1, 0.5] });
  run(after(200).pipe(pool, breaker));
  run(after(200).pipe(pool, breaker));
  advance(1_000);
  run(failing.pipe(retry));
  advance(1_000);
  for (let n = 0; n < 4; n++) run(failing.pipe(breaker));
  const seen = await collect();
  expect(valueOf(seen['resilience.calls'], call('catalog', 'success'))).toBe(2);
  expect(valueOf(seen['resilience.calls'], call('catalog', 'failure'))).toBe(3);
  expect(valueOf(seen['resilience.calls'], call('catalog', 'refused'))).toBe(1);
  expect(valueOf(seen['resilience.circuit.state'], { ...policy('catalog'), 'resilience.state': 'open' })).toBe(1);
  expect(valueOf(seen['resilience.circuit.state'], { ...policy('catalog'), 'resilience.state': 'closed' })).toBe(0);
  expect(valueOf(seen['resilience.bulkhead.limit'], policy('pool'))).toBe(1);
  const retried = { ...policy('retries'), 'resilience.result': 'exhausted', 'resilience.cause': '5xx', 'resilience.attempt': '3' };
  expect(valueOf(seen['resilience.retries'], retried)).toBe(1);
  expect(valueOf(seen['resilience.health'], { 'resilience.health.name': 'catalog', 'resilience.policy.kind': 'circuitBreaker' })).toBe(0);
  expect(valueOf(seen['resilience.health'], { 'resilience.health.name': 'policies', 'resilience.policy.kind': 'registry' })).toBe(0.5);
  const durations = valueOf(seen['resilience.call.duration'], policy('catalog', 'circuitBreaker'));
  expect(durations).toMatchObject({ buckets: { boundaries: [0.1, 0.5], counts: [3, 2, 0] }, count: 5, sum: 0.4 });
  expect(valueOf(seen['resilience.queue.wait'], policy('pool'))).toMatchObject({ buckets: { counts: [1, 1, 0] }, sum: 0.2 });
});

it('shows the levels of a policy that has left as 0 once, its health as up, and no more', async () => {
  const { collect, meter } = otel(AggregationTemporality.DELTA);
  const observed: [string, number][] = [];
  const watched = Object.assign(Object.create(meter) as typeof meter, {
    addBatchObservableCallback: (callback: (result: { observe(instrument: unknown, value: number, attributes: object): void }) => void) => {
      reading = () => callback({ observe: (_, value, attributes) => observed.push([JSON.stringify(attributes), value]) });
    },
  });
  let reading = (): void => undefined;
  const registry = policyRegistry();
  openTelemetryMetrics(registry, { meter, spanEvents: false });
  openTelemetryMetrics(registry, { meter: watched, spanEvents: false });
  const read = (): readonly [string, number][] => {
    observed.length = 0;
    reading();
    return observed.filter(([attributes]) => attributes.includes('catalog'));
  };
  const catalog = registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 1 }));
  run(failing.pipe(catalog));
  expect(read().filter(([attributes, value]) => attributes.includes('"resilience.state":"open"') && value === 1)).toHaveLength(1);
  expect(valueOf((await collect())['resilience.calls'], call('catalog', 'failure'))).toBe(1);
  catalog.dispose();
  const last = read();
  // Four states and three modes are 0, and nothing is wrong with it.
  expect(last.map(([, value]) => value)).toStrictEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  expect(read()).toStrictEqual([]);
  const gone = await collect();
  expect(gone['resilience.calls']?.points ?? []).toStrictEqual([]);
  expect((await collect())['resilience.arrivals']?.points ?? []).toStrictEqual([]);
});

it('reads nothing, and listens to nobody, after unsubscribing or the end of the registry', async () => {
  const { collect, meter } = otel();
  const registry = policyRegistry();
  const [catalog, pool] = [registry.register(circuitBreaker({ name: 'catalog' })), registry.register(bulkhead(1, 0, { name: 'pool' }))];
  const listened = () => [catalog, pool].map((one) => coreOf(one)!.isListenedTo);
  const attached = openTelemetryMetrics(registry, { meter });
  expect(listened()).toStrictEqual([true, true]);
  run(ok.pipe(catalog));
  attached.unsubscribe();
  attached.unsubscribe();
  expect(listened()).toStrictEqual([false, false]);
  run(ok.pipe(catalog));
  expect((await collect())['resilience.calls']).toBeUndefined();
  const again = openTelemetryMetrics(registry, { meter });
  expect(valueOf((await collect())['resilience.calls'], call('catalog', 'success'))).toBe(2);
  registry.dispose();
  expect(again.closed).toBe(true);
  run(ok.pipe(catalog));
  expect(valueOf((await collect())['resilience.calls'], call('catalog', 'success'))).toBe(2);
});

it('leaves the calls alone without durations and span events', async () => {
  const { collect, meter } = otel();
  const registry = policyRegistry();
  const catalog = registry.register(circuitBreaker({ name: 'catalog' }));
  openTelemetryMetrics(registry, { meter, durations: false, spanEvents: false, prefix: 'shop.' });
  expect(coreOf(catalog)!.isListenedTo).toBe(false);
  run(ok.pipe(catalog));
  const seen = await collect();
  expect(valueOf(seen['shop.calls'], call('catalog', 'success'))).toBe(1);
  expect(seen['shop.call.duration']).toBeUndefined();
});

it('tells maxPolicies names apart and sums the others', async () => {
  const { collect, meter } = otel();
  const registry = policyRegistry();
  openTelemetryMetrics(registry, { meter, maxPolicies: 2 });
  for (let n = 0; n < 5; n++) run(ok.pipe(registry.register(circuitBreaker({ name: `tenant ${n}` }))));
  const seen = await collect();
  expect(seen['resilience.arrivals']!.points.map(({ attributes, value }) => [attributes['resilience.policy.name'], value])).toStrictEqual([
    ['tenant 0', 1],
    ['tenant 1', 1],
    ['other', 3],
  ]);
});

it('does nothing with the meter of an API without an SDK', () => {
  const registry = policyRegistry();
  const attached = openTelemetryMetrics(registry, { meter: metrics.getMeter('none') });
  run(ok.pipe(registry.register(circuitBreaker())));
  attached.unsubscribe();
  expect(attached.closed).toBe(true);
});

it.each([
  [{}, TypeError, 'meter must be a Meter of @opentelemetry/api 1.3 or a later 1, got undefined'],
  [{ meter: { createCounter: (): void => undefined } }, TypeError, 'meter must be a Meter of @opentelemetry/api 1.3 or a later 1, got an object'],
  [{ prefix: 1 }, TypeError, 'prefix must be a string, got 1'],
  [{ prefix: '1' }, RangeError, "prefix must be at most 100 letters, digits, _ . / and -, and begin with a letter, got '1'"],
  [{ spanEvents: 1 }, TypeError, 'spanEvents must be true or false, got 1'],
  [{ register: 1 }, TypeError, "openTelemetryMetrics has no option 'register'; known are meter, prefix, spanEvents, durations, buckets, maxPolicies"],
])('%o is refused', (options, type, message) => {
  const given = 'meter' in options || Object.keys(options).length === 0 ? options : { meter: metrics.getMeter('none'), ...options };
  const attach = (): unknown => openTelemetryMetrics(policyRegistry(), given as never);
  expect(attach).toThrow(type);
  expect(attach).toThrow(message);
});
