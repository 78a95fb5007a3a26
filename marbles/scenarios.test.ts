import { deadlineScenarios } from './deadline.marbles.js';
import { fallbackScenarios } from './fallback.marbles.js';
import { runScenarios } from './harness.js';

runScenarios('withDeadline', deadlineScenarios);
runScenarios('fallbackTo', fallbackScenarios);
