import type { Scenario } from './scenario.js';
import { shadowBreakerScenarios } from './shadow-breaker.marbles.js';
import { shadowBulkheadScenarios } from './shadow-bulkhead.marbles.js';
import { shadowChangeScenarios } from './shadow-changes.marbles.js';
import { shadowLoadShedScenarios } from './shadow-load-shed.marbles.js';

/** What each policy says in shadow mode and when it is disabled, and what becomes of calls where its mode changes. */
export const shadowScenarios: readonly Scenario[] = [
  ...shadowBreakerScenarios,
  ...shadowBulkheadScenarios,
  ...shadowLoadShedScenarios,
  ...shadowChangeScenarios,
];
