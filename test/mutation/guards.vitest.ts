import { mutationTests } from './tests-of.js';

const features = ['bulkhead', 'circuit-breaker', 'deadline', 'fallback', 'load-shed', 'retry'];

export default mutationTests([
  ...features.map((feature) => `test/${feature}/**/*.test.ts`),
  'test/conformance/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'marbles/**/*.test.ts',
]);
