import type { Health, HealthStatus } from '../../src/core/health.js';

/** What a part of a whole says. */
export const health = (status: HealthStatus, more: Partial<Health> = {}): Health => ({
  name: 'part',
  status,
  required: true,
  since: 0,
  details: {},
  ...more,
});
