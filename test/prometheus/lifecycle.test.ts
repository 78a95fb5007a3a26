import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Counter, Registry } from 'prom-client';
import { of } from 'rxjs';
import { bulkhead, circuitBreaker, policyRegistry, retryWithBackoff } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { describe, expect, it } from 'vitest';
import { perKey } from '../../src/registry/per-key.js';
import { scrape } from './scrape.js';
import { failing, ok, run } from './shop.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const success = (policy: string) => ({ policy, kind: 'circuitBreaker', outcome: 'success' });
const calls = 'resilience_calls_total';

describe('a policy that leaves', () => {
  it.each(['remove', 'dispose'] as const)('takes its series along at once (%s)', async (way) => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const before = await register.metrics();
    const catalog = registry.register(circuitBreaker({ name: 'catalog' }));
    const pool = registry.register(bulkhead(1, 0, { name: 'catalog' }));
    const retry = registry.register(retryWithBackoff({ name: 'catalog', random: () => 0 }));
    run(ok.pipe(pool, catalog));
    run(failing.pipe(retry));
    expect(await register.metrics()).toContain('catalog');
    if (way === 'remove') registry.remove('catalog');
    else for (const policy of [catalog, pool, retry]) policy.dispose();
    expect(await register.metrics()).toBe(before);
  });

  it('has them again when it returns, with all that it has counted, and calls are timed again', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const catalog = registry.register(circuitBreaker({ name: 'catalog' }));
    run(ok.pipe(catalog));
    registry.remove('catalog');
    run(ok.pipe(catalog));
    registry.register(catalog);
    run(ok.pipe(catalog));
    const seen = await scrape(register);
    expect(seen.value(calls, success('catalog'))).toBe(3);
    expect(seen.value('resilience_call_duration_seconds_count', { policy: 'catalog', kind: 'circuitBreaker' })).toBe(1);
  });

  it('leaves the series of another kind of the same name', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    registry.register(circuitBreaker({ name: 'catalog' }));
    registry.register(bulkhead(1, 0, { name: 'catalog' }));
    expect((await scrape(register)).series('resilience_health')).toStrictEqual([
      'kind=bulkhead,name=catalog 1',
      'kind=circuitBreaker,name=catalog 1',
      'kind=registry,name=policies 1',
    ]);
    registry.remove('catalog', 'circuitBreaker');
    const seen = await scrape(register);
    expect(seen.series(calls)).toStrictEqual(['kind=bulkhead,outcome=refused,policy=catalog 0']);
    expect(seen.series('resilience_arrivals_total')).toStrictEqual(['kind=bulkhead,policy=catalog 0']);
    expect(seen.series('resilience_call_duration_seconds_count')).toStrictEqual([]);
  });
});

it('a scrape by one who hears of a policy that leaves does not fail on it', async () => {
  const [registry, register] = [policyRegistry(), new Registry()];
  prometheusMetrics(registry, { register });
  registry.register(circuitBreaker({ name: 'leaving' }));
  const scrapes: Promise<string>[] = [];
  registry.health$.subscribe(() => scrapes.push(register.metrics()));
  registry.remove('leaving');
  const texts = await Promise.all(scrapes);
  expect(texts).toHaveLength(2);
  expect(texts[1]).toContain('resilience_health{name="policies",kind="registry"} 1');
});

describe('reset', () => {
  it.each([true, false])('never makes a counter go down (a scrape just before: %s)', async (scraped) => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const catalog = registry.register(circuitBreaker({ name: 'catalog' }));
    run(ok.pipe(catalog));
    run(ok.pipe(catalog));
    if (scraped) expect((await scrape(register)).value(calls, success('catalog'))).toBe(2);
    catalog.reset();
    // More than before: only the reset itself tells that these three are new.
    for (let n = 0; n < 3; n++) run(ok.pipe(catalog));
    expect((await scrape(register)).value(calls, success('catalog'))).toBe(scraped ? 5 : 3);
  });
});

describe('a policy that is reset the moment it is removed', () => {
  it('takes nothing from those with whom it shares a label', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    const three = ['one', 'two', 'three'].map((name) => registry.register(circuitBreaker({ name })));
    // Hears of it before the metrics do.
    registry.policies$.subscribe((policies) => {
      if (!policies.includes(three[2]!)) three[2]!.reset();
    });
    prometheusMetrics(registry, { register, maxPolicies: 1 });
    for (const policy of three) run(ok.pipe(policy));
    expect((await scrape(register)).value(calls, success('other'))).toBe(2);
    registry.remove('three');
    expect((await scrape(register)).value(calls, success('other'))).toBe(2);
  });
});

describe('unsubscribing', () => {
  it('leaves the register as it was, and the policies without a listener', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    const own = new Counter({ name: 'own_total', help: 'Of the application.', registers: [register] });
    own.inc();
    const before = await register.metrics();
    const catalog = registry.register(circuitBreaker({ name: 'catalog' }));
    const attached = prometheusMetrics(registry, { register });
    expect(attached.closed).toBe(false);
    attached.unsubscribe();
    attached.unsubscribe();
    expect(await register.metrics()).toBe(before);
    run(ok.pipe(catalog));
    registry.register(circuitBreaker({ name: 'later' }));
    expect(await register.metrics()).toBe(before);
    // And it can be attached again.
    prometheusMetrics(registry, { register });
    expect((await scrape(register)).value(calls, success('catalog'))).toBe(1);
  });

  it('leaves alone what has taken a name in a register that was cleared', async () => {
    const register = new Registry();
    const attached = prometheusMetrics(policyRegistry(), { register });
    register.clear();
    const other = new Counter({ name: 'resilience_calls_total', help: 'Of somebody else.', registers: [register] });
    attached.unsubscribe();
    expect(register.getSingleMetric('resilience_calls_total')).toBe(other);
  });

  it('happens by itself when the registry is disposed', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    const attached = prometheusMetrics(registry, { register });
    registry.register(circuitBreaker({ name: 'catalog' }));
    registry.dispose();
    expect([attached.closed, register.getMetricsAsArray()]).toStrictEqual([true, []]);
    expect(prometheusMetrics(registry, { register }).closed).toBe(true);
    expect(register.getMetricsAsArray()).toStrictEqual([]);
  });
});

describe('a register', () => {
  it('takes one attachment for each prefix, and refuses a second one as a whole', async () => {
    const register = new Registry();
    const [one, two] = [policyRegistry(), policyRegistry()];
    one.register(circuitBreaker({ name: 'catalog' }));
    two.register(circuitBreaker({ name: 'catalog' }));
    prometheusMetrics(one, { register });
    const before = await register.metrics();
    expect(() => prometheusMetrics(two, { register })).toThrow(
      new TypeError('register has a metric resilience_arrivals_total already: two registries on one register need a prefix of their own each'),
    );
    expect(await register.metrics()).toBe(before);
    prometheusMetrics(two, { register, prefix: 'other_' });
    const seen = await scrape(register);
    expect(seen.value('other_circuit_state', { policy: 'catalog', state: 'closed' })).toBe(1);
  });

  it('is left as it was where another metric has the last of the names', () => {
    const register = new Registry();
    const taken = new Counter({ name: 'resilience_queue_wait_seconds', help: 'Of somebody else.', registers: [register] });
    expect(() => prometheusMetrics(policyRegistry(), { register })).toThrow('resilience_queue_wait_seconds already');
    expect(register.getMetricsAsArray()).toStrictEqual([taken]);
  });
});

describe('keyed policies', () => {
  it('have series while they are there: a thousand come and go, and the heap stays level', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const empty = await register.metrics();
    const round = async (at: number): Promise<void> => {
      const origins = perKey((key) => registry.register(circuitBreaker({ name: key })), { maxKeys: 1_000 });
      for (let n = 0; n < 1_000; n++) run(of(n).pipe(origins(`https://${at}-${n}.example`)));
      expect((await scrape(register)).series('resilience_arrivals_total')).toHaveLength(1_000);
      origins.dispose();
      expect(await register.metrics()).toBe(empty);
    };
    const heap = (): number => {
      for (let n = 0; n < 3; n++) collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    for (let at = 0; at < 3; at++) await round(at);
    const before = heap();
    for (let at = 3; at < 8; at++) await round(at);
    // Five thousand breakers with 13 series each would be tens of megabytes.
    expect(heap() - before).toBeLessThan(2_000_000);
  }, 60_000);

  it('are told apart up to maxPolicies, and the others are one', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const breakers = Array.from({ length: 5_000 }, (_, n) => registry.register(circuitBreaker({ name: `tenant ${n}`, failureThreshold: 1 })));
    for (const breaker of breakers) run(ok.pipe(breaker));
    run(failing.pipe(breakers[4_999]!));
    const seen = await scrape(register);
    for (const { name, samples } of seen.families.filter(({ samples: all }) => all.length > 0)) {
      const labels = new Set(samples.map(({ labels }) => labels['policy'] ?? labels['name']));
      labels.delete('policies');
      expect([name, labels.size]).toStrictEqual([name, 1_001]);
    }
    expect(seen.value(calls, success('tenant 999'))).toBe(1);
    expect(seen.value(calls, success('other'))).toBe(4_000);
    const state = (name: string) => seen.value('resilience_circuit_state', { policy: 'other', state: name });
    // As of one: in each state in which one of them is, so that an alert on `== 1` hears of it.
    expect([state('closed'), state('open'), state('isolated')]).toStrictEqual([1, 1, 0]);
    expect(seen.value('resilience_health', { name: 'other', kind: 'circuitBreaker' })).toBe(0);
    expect(seen.value('resilience_call_duration_seconds_count', { policy: 'other', kind: 'circuitBreaker' })).toBe(4_001);

    // Who leaves makes no counter of the others go down, and its place is for the next one.
    run(ok.pipe(breakers[4_000]!));
    for (let n = 4_000; n < 4_999; n++) registry.remove(`tenant ${n}`);
    registry.remove('tenant 0');
    registry.register(circuitBreaker({ name: 'new' }));
    const later = await scrape(register);
    expect(later.value(calls, success('other'))).toBe(4_001);
    expect([later.value(calls, success('new')), later.value(calls, success('tenant 0'))]).toStrictEqual([0, undefined]);
  }, 60_000);
});

describe('names', () => {
  const wild = ['', '"quoted"', 'back\\slash', 'two\nlines', 'cr\rlf', 'a,b={c="d"}', 'größe 🚀 日本', '\ud800 half', 'nul\0', '__proto__', 'other', 'x'.repeat(5_000)];

  it.each(wild.filter((name) => name !== ''))('%j are read back as they were, cut to 200 characters', async (name) => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    run(ok.pipe(registry.register(circuitBreaker({ name }))));
    const seen = await scrape(register);
    expect(seen.value(calls, success(name.slice(0, 200).replace('\ud800', '\uFFFD')))).toBe(1);
    registry.remove(name);
    expect((await scrape(register)).families.flatMap(({ samples }) => samples)).toHaveLength(1);
  });

  it('that are cut to the same share a series, and cutting breaks no character', async () => {
    const registry = policyRegistry();
    const register = new Registry();
    prometheusMetrics(registry, { register });
    for (const end of ['a', 'b']) run(ok.pipe(registry.register(circuitBreaker({ name: `${'🚀'.repeat(200)}${end}` }))));
    const seen = await scrape(register);
    expect(seen.value(calls, success('🚀'.repeat(200)))).toBe(2);
    registry.remove(`${'🚀'.repeat(200)}a`);
    expect((await scrape(register)).value(calls, success('🚀'.repeat(200)))).toBe(2);
  });
});
