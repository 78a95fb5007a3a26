import { circuitBreakScenarios } from './circuit-break.marbles.js';
import { circuitHandScenarios } from './circuit-hand.marbles.js';
import { circuitProbeScenarios } from './circuit-probe.marbles.js';
import { circuitTripScenarios } from './circuit-trip.marbles.js';
import type { Scenario } from './scenario.js';

/** Every option and rule of a circuit breaker; how calls end is in `outcomes`, what errors mean in `classes`. */
export const circuitBreakerScenarios: readonly Scenario[] = [
  ...circuitTripScenarios,
  ...circuitBreakScenarios,
  ...circuitProbeScenarios,
  ...circuitHandScenarios,
];
