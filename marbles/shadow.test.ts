import { runScenarios } from './harness.js';
import { shadowScenarios } from './shadow.marbles.js';

runScenarios('shadow mode', shadowScenarios);
