import { checkScenarios } from './health-check.marbles.js';
import { runBoards, runChecks, runWholes } from './health-harness.js';
import { boardScenarios } from './health-board.marbles.js';
import { wholeScenarios } from './health-whole.marbles.js';

runChecks(checkScenarios);
runWholes(wholeScenarios);
runBoards(boardScenarios);
