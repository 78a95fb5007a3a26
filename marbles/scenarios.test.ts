import { deadlineScenarios } from './deadline.marbles.js';
import { runScenarios } from './harness.js';

runScenarios('withDeadline', deadlineScenarios);
