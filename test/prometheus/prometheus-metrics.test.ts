import { Registry } from 'prom-client';
import { runInContext, Deadline } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { defer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { coreOf } from '../../src/operator/policy.js';
import { scrape } from './scrape.js';
import { failing, ok, run, type Shop, shop } from './shop.js';

function attached(options = {}): Shop & { readonly register: Registry; readonly detach: () => void } {
  const register = new Registry();
  const made = shop();
  const subscription = prometheusMetrics(made.registry, { register, ...options });
  return { ...made, register, detach: () => subscription.unsubscribe() };
}

describe('a scrape', () => {
  it('has every metric by its name and type, before there was a call', async () => {
    const { register } = attached();
    const { families } = await scrape(register);
    expect(families.map(({ name, type }) => `${name} ${type}`)).toStrictEqual([
      'resilience_arrivals_total counter',
      'resilience_calls_total counter',
      'resilience_circuit_state gauge',
      'resilience_circuit_opened_total counter',
      'resilience_tries_total counter',
      'resilience_retry_exhausted_total counter',
      'resilience_retry_budget_remaining gauge',
      'resilience_fallbacks_total counter',
      'resilience_deadline_expired_total counter',
      'resilience_bulkhead_active gauge',
      'resilience_bulkhead_queued gauge',
      'resilience_bulkhead_limit gauge',
      'resilience_shed_total counter',
      'resilience_concurrency_limit gauge',
      'resilience_concurrency_used gauge',
      'resilience_policy_mode gauge',
      'resilience_retries_total counter',
      'resilience_health gauge',
      'resilience_call_duration_seconds histogram',
      'resilience_queue_wait_seconds histogram',
    ]);
    // Retries have no series before the first one: nobody knows its cause.
    expect(families.filter(({ samples }) => samples.length === 0).map(({ name }) => name)).toStrictEqual(['resilience_retries_total']);
    expect(families.every(({ help }) => help.endsWith('.'))).toBe(true);
  });

  it('counts the calls of a breaker by what became of them', async () => {
    const { advance, after, breaker, register } = attached();
    run(ok.pipe(breaker));
    run(after(50).pipe(breaker))();
    const late = after(500).pipe(breaker);
    run(late);
    for (let n = 0; n < 3; n++) run(failing.pipe(breaker));
    run(ok.pipe(breaker));
    run(ok.pipe(breaker));
    advance(600);
    const seen = await scrape(register);
    expect(seen.series('resilience_calls_total').filter((series) => series.includes('circuitBreaker'))).toStrictEqual(
      ['abandoned 1', 'failure 3', 'ignored 0', 'late 1', 'refused 2', 'success 1'].map(
        (outcome) => `kind=circuitBreaker,outcome=${outcome.replace(' ', ',policy=catalog ')}`,
      ),
    );
    expect(seen.value('resilience_arrivals_total', { policy: 'catalog', kind: 'circuitBreaker' })).toBe(8);
    expect(seen.value('resilience_circuit_opened_total', { policy: 'catalog' })).toBe(1);
  });

  it('shows the state that a circuit is in by the clock, though nobody looks meanwhile', async () => {
    const { advance, breaker, register } = attached();
    const state = async (): Promise<readonly string[]> =>
      (await scrape(register)).series('resilience_circuit_state').filter((series) => series.endsWith(' 1'));
    const closed = await state();
    for (let n = 0; n < 3; n++) run(failing.pipe(breaker));
    const open = await state();
    advance(1_000);
    const halfOpen = await state();
    const held = breaker.isolate();
    const isolated = await state();
    held.release();
    run(ok.pipe(breaker));
    expect([closed, open, halfOpen, isolated, await state()].flat()).toStrictEqual(
      ['closed', 'open', 'half-open', 'isolated', 'closed'].map((name) => `policy=catalog,state=${name} 1`),
    );
    expect((await scrape(register)).series('resilience_circuit_state')).toHaveLength(4);
  });

  it('has the health of each policy and of the whole, and the mode', async () => {
    const { breaker, register } = attached();
    for (let n = 0; n < 3; n++) run(failing.pipe(breaker));
    const down = await scrape(register);
    expect(down.value('resilience_health', { name: 'catalog', kind: 'circuitBreaker' })).toBe(0);
    expect(down.value('resilience_health', { name: 'pool', kind: 'bulkhead' })).toBe(1);
    expect(down.value('resilience_health', { name: 'policies', kind: 'registry' })).toBe(0.5);
    breaker.update({ mode: 'shadow' });
    const shadow = await scrape(register);
    expect(shadow.value('resilience_health', { name: 'catalog', kind: 'circuitBreaker' })).toBe(1);
    const mode = (name: string) => shadow.value('resilience_policy_mode', { policy: 'catalog', kind: 'circuitBreaker', mode: name });
    expect(['enforce', 'shadow', 'disabled'].map(mode)).toStrictEqual([0, 1, 0]);
    breaker.update({ mode: 'enforce', required: true });
    expect((await scrape(register)).value('resilience_health', { name: 'policies', kind: 'registry' })).toBe(0);
  });

  it('counts retries by result, cause and number of the try', async () => {
    const { advance, register, retry, registry } = attached();
    run(failing.pipe(retry));
    advance(100);
    let tries = 0;
    const twice = defer(() => (++tries < 2 ? failing : ok));
    run(twice.pipe(retry));
    advance(100);
    const seen = await scrape(register);
    expect(seen.series('resilience_retries_total')).toStrictEqual([
      'attempt=1,cause=5xx,policy=retries,result=scheduled 2',
      'attempt=2,cause=5xx,policy=retries,result=scheduled 1',
      'attempt=2,cause=none,policy=retries,result=recovered 1',
      'attempt=3,cause=5xx,policy=retries,result=exhausted 1',
    ]);
    expect(seen.value('resilience_tries_total', { policy: 'retries' })).toBe(5);
    expect(seen.value('resilience_retry_exhausted_total', { policy: 'retries', reason: 'attempts' })).toBe(1);
    const left = (registry.get('retries')!.metrics() as unknown as { budgetLeft: number }).budgetLeft;
    expect(seen.value('resilience_retry_budget_remaining', { policy: 'retries' })).toBe(left);
  });

  it('shows who holds a permit, waits, and has waited', async () => {
    const { advance, after, pool, register } = attached();
    run(after(300).pipe(pool));
    run(after(300).pipe(pool));
    run(ok.pipe(pool));
    const busy = await scrape(register);
    const gauges = ['active', 'queued', 'limit'].map((name) => busy.value(`resilience_bulkhead_${name}`, { policy: 'pool' }));
    expect(gauges).toStrictEqual([1, 1, 1]);
    expect(busy.value('resilience_calls_total', { policy: 'pool', kind: 'bulkhead', outcome: 'refused' })).toBe(1);
    advance(1_000);
    const idle = await scrape(register);
    const wait = (le: string) => idle.value('resilience_queue_wait_seconds_bucket', { policy: 'pool', le });
    expect(['0.005', '0.25', '0.5', '+Inf'].map(wait)).toStrictEqual([1, 1, 2, 2]);
    expect(idle.value('resilience_queue_wait_seconds_sum', { policy: 'pool' })).toBe(0.3);
  });

  it('has what fallback, deadline and shedder count', async () => {
    const { advance, after, deadline, fallback, register, shed } = attached();
    run(failing.pipe(fallback));
    run(after(200).pipe(deadline));
    runInContext({ deadline: Deadline.after(0) }, () => run(ok.pipe(deadline)));
    for (let n = 0; n < 3; n++) run(after(500).pipe(shed));
    const seen = await scrape(register);
    expect(seen.series('resilience_fallbacks_total')).toStrictEqual(['policy=stale,result=failed 0', 'policy=stale,result=used 1']);
    expect(seen.value('resilience_concurrency_limit', { policy: 'shed' })).toBe(2);
    expect(seen.value('resilience_concurrency_used', { policy: 'shed' })).toBe(1);
    expect(seen.value('resilience_shed_total', { policy: 'shed', priority: 'sheddable' })).toBe(2);
    expect(seen.value('resilience_shed_total', { policy: 'shed', priority: 'critical' })).toBe(0);
    expect(seen.value('resilience_calls_total', { policy: 'shed', kind: 'loadShed', outcome: 'refused' })).toBe(2);
    advance(1_000);
    expect((await scrape(register)).series('resilience_deadline_expired_total')).toStrictEqual([
      'policy=time,started=false 1',
      'policy=time,started=true 1',
    ]);
  });

  it('has the durations of calls in seconds, by the buckets that were given', async () => {
    const { advance, after, breaker, register } = attached({ buckets: [0.1, 0.2] });
    for (const ms of [50, 150, 400]) run(after(ms).pipe(breaker));
    advance(1_000);
    const seen = await scrape(register);
    const common = { policy: 'catalog', kind: 'circuitBreaker' };
    const bucket = (le: string) => seen.value('resilience_call_duration_seconds_bucket', { ...common, le });
    expect(['0.1', '0.2', '+Inf'].map(bucket)).toStrictEqual([1, 2, 3]);
    expect(seen.value('resilience_call_duration_seconds_sum', common)).toBeCloseTo(0.6, 10);
  });

  it('agrees with what prom-client gives as JSON, and with OpenMetrics', async () => {
    const { breaker, register } = attached();
    run(ok.pipe(breaker));
    const [calls] = (await register.getMetricsAsJSON()).filter(({ name }) => name === 'resilience_calls_total');
    const values = (calls as unknown as { values: { labels: object; value: number }[] }).values;
    expect(values).toContainEqual({ labels: { policy: 'catalog', kind: 'circuitBreaker', outcome: 'success' }, value: 1 });
    register.setContentType('application/openmetrics-text; version=1.0.0; charset=utf-8' as never);
    const text = await register.metrics();
    expect(text).toContain('# TYPE resilience_calls counter\n');
    expect(text).toContain('resilience_calls_total{policy="catalog",kind="circuitBreaker",outcome="success"} 1\n');
  });
});

describe('durations: false', () => {
  it('leaves the histograms out, and no call makes an event for it', async () => {
    const { breaker, pool, register, retry } = attached({ durations: false });
    
    expect([breaker, pool].map((policy) => coreOf(policy)!.isListenedTo)).toStrictEqual([false, false]);
    // Its events are made for a retry alone.
    expect(coreOf(retry)!.isListenedTo).toBe(true);
    run(ok.pipe(breaker));
    const seen = await scrape(register);
    expect(seen.families.filter(({ type }) => type === 'histogram')).toStrictEqual([]);
    expect(seen.value('resilience_calls_total', { policy: 'catalog', kind: 'circuitBreaker', outcome: 'success' })).toBe(1);
  });
});
