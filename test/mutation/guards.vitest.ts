import { mutationTests } from './tests-of.js';

const features = ['bulkhead', 'circuit-breaker', 'deadline', 'fallback', 'load-shed', 'retry'];

export default mutationTests(
  [
    ...features.map((feature) => `test/${feature}/**/*.test.ts`),
    'test/operator/since.test.ts',
    'test/faults/{async-scope,reset,sources,streams,unobserved}.test.ts',
    'marbles/**/*.test.ts',
    'test/conformance/**/*.test.ts',
    'test/properties/models/**/*.test.ts',
  ],
  10,
);
