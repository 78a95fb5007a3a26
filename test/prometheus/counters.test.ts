import fc from 'fast-check';
import { Registry } from 'prom-client';
import { circuitBreaker, policyRegistry } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { expect, it } from 'vitest';
import { scrape } from './scrape.js';
import { failing, ok, run } from './shop.js';

const step = fc.record({
  what: fc.constantFrom('success', 'failure', 'reset', 'scrape', 'remove', 'register'),
  which: fc.nat(3),
});

it('a counter never goes down while its series is there, and counts every call but those before an unseen reset', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const registry = policyRegistry();
      const register = new Registry();
      prometheusMetrics(registry, { register, maxPolicies: 2 });
      const policies = Array.from({ length: 4 }, (_, n) => circuitBreaker({ name: `n${n}`, failureThreshold: 1_000_000 }));
      let before = new Map<string, number>();
      let present = new Set<string>();
      for (const { what, which } of [...steps, { what: 'scrape', which: 0 }]) {
        const policy = policies[which]!;
        if (what === 'success') run(ok.pipe(policy));
        if (what === 'failure') run(failing.pipe(policy));
        if (what === 'reset') policy.reset();
        if (what === 'register') registry.register(policy);
        if (what === 'remove') {
          registry.remove(policy.name);
          // Its own series may be a new one next time; that of the others is the same while there are more than two.
          const others = registry.metrics().length > 2;
          before = new Map([...before].filter(([series]) => (series.includes('policy=other') ? others : !series.includes(`policy=n${which}`))));
        }
        if (what !== 'scrape') continue;
        const seen = (await scrape(register)).series('resilience_calls_total').map((series) => {
          const at = series.lastIndexOf(' ');
          return [series.slice(0, at), Number(series.slice(at))] as const;
        });
        for (const [series, value] of seen) expect(value).toBeGreaterThanOrEqual(before.get(series) ?? 0);
        before = new Map(seen);
        present = new Set(seen.map(([series]) => series));
        expect(seen.every(([, value]) => value >= 0)).toBe(true);
      }
      const labels = new Set([...present].map((series) => /policy=(\w+)/.exec(series)![1]));
      expect(labels.size).toBeLessThanOrEqual(3);
      // Without a reset the sum is that of the policies that stand there, and of those who left the others.
      if (steps.some(({ what }) => what === 'reset' || what === 'remove')) return;
      const calls = registry.metrics().reduce((sum, { metrics }) => sum + metrics.calls, 0);
      expect([...before.values()].reduce((sum, value) => sum + value, 0)).toBe(calls);
    }),
  );
});
