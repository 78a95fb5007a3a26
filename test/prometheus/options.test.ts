import { Registry } from 'prom-client';
import { policyRegistry } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { expect, it } from 'vitest';

const register = new Registry();

it.each([
  [{}, TypeError, 'register must be a Registry of prom-client 15, got undefined'],
  [{ register: { metrics: (): string => '' } }, TypeError, 'register must be a Registry of prom-client 15, got an object'],
  [{ register, prefix: 1 }, TypeError, 'prefix must be a string, got 1'],
  [{ register, prefix: '1a' }, RangeError, "prefix must be at most 100 letters, digits, _ and :, and not begin with a digit, got '1a'"],
  [{ register, prefix: 'a-' }, RangeError, 'prefix must be at most 100 letters'],
  [{ register, prefix: 'a'.repeat(102) }, RangeError, 'prefix must be at most 100 letters'],
  [{ register, durations: 1 }, TypeError, 'durations must be true or false, got 1'],
  [{ register, buckets: 5 }, TypeError, 'buckets must be an array of seconds, got 5'],
  [{ register, buckets: [] }, RangeError, 'buckets must be 1 to 100 bounds, got 0'],
  [{ register, buckets: [0, 1] }, RangeError, 'buckets[0] must be above 0 and finite, got 0'],
  [{ register, buckets: [1, Infinity] }, RangeError, 'buckets[1] must be above 0 and finite, got Infinity'],
  [{ register, buckets: [1, '2'] }, TypeError, "buckets[1] must be a number above 0 and finite, got '2'"],
  [{ register, buckets: [1, 1] }, RangeError, 'buckets must ascend, got 1 before 1'],
  [{ register, maxPolicies: 0 }, RangeError, 'maxPolicies must be from 1 to 100000, got 0'],
  [{ register, maxPolicies: 1.5 }, RangeError, 'maxPolicies must be a whole number from 1 to 100000, got 1.5'],
  [{ register, prefx: 'a' }, TypeError, "prometheusMetrics has no option 'prefx'; did you mean 'prefix'?"],
  [undefined, TypeError, 'options must be an object, got undefined'],
])('%o is refused', (options, type, message) => {
  const attach = (): unknown => prometheusMetrics(policyRegistry(), options as never);
  expect(attach).toThrow(type);
  expect(attach).toThrow(message);
  expect(register.getMetricsAsArray()).toStrictEqual([]);
});

it.each([undefined, {}, { policies$: 1 }])('%o is no registry', (registry) => {
  expect(() => prometheusMetrics(registry as never, { register })).toThrow(/^prometheusMetrics: registry must be made by policyRegistry\(\), got /);
});

it('takes no prefix, and numbers at the ends of their ranges', () => {
  const attached = prometheusMetrics(policyRegistry(), { register, prefix: '', maxPolicies: 100_000, buckets: [0.000_1] });
  expect(register.getSingleMetric('calls_total')).toBeDefined();
  attached.unsubscribe();
  expect(register.getMetricsAsArray()).toStrictEqual([]);
});
